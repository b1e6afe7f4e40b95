// swift-tools-version:6.2
import PackageDescription

/// What a folder of ours may import, and what of others. Imports point towards `Domain`; see DESIGN.md.
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "muster",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "muster", targets: ["muster"]),
        .executable(name: "fdtd", targets: ["fdtd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
    ],
    targets: [
        .target(name: "Domain"),
        .target(name: "Wire", dependencies: ["Domain"]),
        .target(name: "Storage", dependencies: ["Domain", crypto]),
        .target(
            name: "StorageSQLite",
            dependencies: [
                "Domain", "Storage",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(name: "CLibPQ"),
        .target(name: "StoragePostgres", dependencies: ["CLibPQ", "Domain", "Storage"]),
        .target(
            name: "Dashboard",
            dependencies: ["Domain", .product(name: "Mustache", package: "swift-mustache")],
            resources: [.embedInCode("Templates"), .embedInCode("Modules"), .embedInCode("Styles")]
        ),
        .target(
            name: "Server",
            dependencies: [
                "Domain", "Wire", "Storage", "Dashboard", hummingbird, logging, crypto, lifecycle, unixSignals,
                nioCore, nioPosix, httpTypes,
            ]
        ),
        .target(
            name: "Legacy", dependencies: ["Domain", "Storage", "Server", hummingbird, httpTypes, nioCore]
        ),
        .target(
            name: "Connectors", dependencies: ["Domain", subprocess, logging], resources: [.embedInCode("Python")]
        ),
        .target(
            name: "Agent",
            dependencies: [
                "Domain", "Wire", "Connectors", httpClient, logging, crypto, lifecycle, nioCore, nioPosix,
            ]
        ),
        .executableTarget(
            name: "muster",
            dependencies: [
                "Domain", "Wire", "Storage", "StorageSQLite", "StoragePostgres", "Dashboard", "Server", "Legacy",
                "Connectors", "Agent", arguments, httpClient, logging, nioCore, nioHTTP1,
                .product(name: "TOMLKit", package: "TOMLKit"),
            ]
        ),
        .target(
            name: "TestKit",
            dependencies: [
                "Domain", "Wire", "Storage", "StorageSQLite", "StoragePostgres", "Server", "Legacy", logging, nioCore,
                nioPosix, nioHTTP1,
            ],
            path: "Tests/TestKit"
        ),
        // Physics is too slow without the optimiser, also where everything else is built to be debugged.
        .target(
            name: "FDTDSolver", path: "Examples/FDTD/Solver",
            swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),
        .executableTarget(name: "fdtd", dependencies: ["FDTDSolver"], path: "Examples/FDTD/Command"),
        .testTarget(name: "DomainTests", dependencies: ["Domain"]),
        .testTarget(name: "WireTests", dependencies: ["Domain", "Wire"]),
        .testTarget(
            name: "StorageTests", dependencies: ["Domain", "Storage", "StorageSQLite", "StoragePostgres", "TestKit"]
        ),
        .testTarget(
            name: "DashboardTests", dependencies: ["Domain", "Dashboard"], exclude: ["js"]
        ),
        .testTarget(name: "ConnectorsTests", dependencies: ["Domain", "Connectors", subprocess, logging]),
        .testTarget(
            name: "AgentTests",
            dependencies: ["Domain", "Wire", "Connectors", "Agent", logging, nioCore, nioPosix, nioHTTP1]
        ),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "muster", "Domain", "Wire", "Storage", "StoragePostgres", "StorageSQLite", "TestKit", arguments,
                httpClient, logging, nioCore, nioPosix, nioHTTP1,
            ],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Domain", "Wire", "Storage", "StorageSQLite", "Server", "TestKit", logging, nioCore, nioPosix, nioHTTP1,
            ]
        ),
        .testTarget(
            name: "LegacyTests", dependencies: ["Domain", "Wire", "Server", "TestKit", nioHTTP1],
            exclude: ["Golden"]
        ),
        .testTarget(name: "SimulationTests", dependencies: ["Domain", "Storage", "StorageSQLite", "TestKit"]),
        .testTarget(name: "TidyTests"),
        .testTarget(name: "FDTDTests", dependencies: ["FDTDSolver", "fdtd"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    // Each target of the product has a page beside its sources, which is nothing to compile.
    if [.regular, .executable].contains(target.type) && target.path == nil { target.exclude.append("DESIGN.md") }
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .strictMemorySafety(),
            .treatAllWarnings(as: .error),
        ]
}
