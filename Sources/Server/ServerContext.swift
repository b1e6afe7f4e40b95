import Dashboard
import Domain
import Logging
package import Storage

/// What every route works with. Made once at the start.
package struct ServerContext: Sendable {
    package let store: Store
    let hub: WatchHub
    let waiters: ClaimWaiters
    package let access: Access
    package let artifacts: ArtifactStore
    package let pictures: PictureStore
    let pages: PageRenderers
    let settings: ServerSettings
    let logger: Logger
}
