package import Server

/// The endpoints of GOLIAT's monitoring dashboard, served to its unmodified clients: the same sessions, leases, logs
/// and files as everywhere else, found by what such a client says. Taking this away is this target and the line that
/// names it where a server is started.
package struct LegacyRoutes: GuestRoutes {
    package init() {}

    package func add(to table: RouteTable) {
        let server = table.server
        let table = LegacyTable(table: table)
        LegacyStudyRoutes(server: server).add(to: table)
        LegacyMessageRoutes(server: server).add(to: table)
        LegacyWorkerRoutes(server: server).add(to: table)
        LegacyPictures(server: server).add(to: table)
        LegacyResults(server: server).add(to: table)
        for path in Self.paths { table.preflight(path) }
    }

    private static let paths = [
        "/api/super-studies", "/api/super-studies/:id", "/api/super-studies/:id/assignments", "/api/heartbeat",
        "/api/gui-update", "/api/gui-screenshots", "/api/assignment", "/api/assignments/:id/claim",
        "/api/assignments/:id/results", "/api/workers", "/api/workers/:id",
    ]
}
