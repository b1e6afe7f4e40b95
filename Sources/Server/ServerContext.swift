import Dashboard
import Domain
import Logging
import Storage

/// What every route works with. Made once at the start.
struct ServerContext: Sendable {
    let store: Store
    let hub: WatchHub
    let waiters: ClaimWaiters
    let access: Access
    let artifacts: ArtifactStore
    let pictures: PictureStore
    let pages: PageRenderers
    let settings: ServerSettings
    let logger: Logger
}
