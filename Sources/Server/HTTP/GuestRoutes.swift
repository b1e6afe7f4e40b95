/// Routes of another protocol that are served beside the server's own, over the same store, for programs that were not
/// written for Muster. Each is a target of its own: the server knows nothing of it, and who starts the server says
/// which it has.
package protocol GuestRoutes: Sendable {
    /// Puts its routes into the router, after the API's and before the pages.
    func add(to table: RouteTable)
}
