import Domain
import Wire

extension APIClient {
    /// The most that the server gives on one page.
    private static let pageLimit = 500

    /// The first `limit` items of a list, over as many pages as they are on, with the cursor behind them.
    func list<Item: WireValue>(
        _ path: String, query: Query = [], limit: Int, of type: Item.Type = Item.self
    ) async throws -> (page: ListReply<Item>, serverTime: Instant?) {
        var items: [Item] = []
        var cursor: String?
        while true {
            let count = min(Self.pageLimit, limit - items.count)
            let paging: Query = [("limit", "\(count)"), ("cursor", cursor)]
            let reply = try await get(path, query: query + paging, as: ListReply<Item>.self)
            items += reply.value.items
            cursor = reply.value.next
            if items.count >= limit || cursor == nil || reply.value.items.isEmpty {
                return (ListReply(items: items, next: cursor), reply.serverTime)
            }
        }
    }

    /// Sessions, with when each was last heard.
    func sessions(
        ended: Bool, limit: Int
    ) async throws -> (page: SessionList, serverTime: Instant?) {
        var list = SessionList(items: [], beats: Beats())
        while true {
            let count = min(Self.pageLimit, limit - list.items.count)
            let query: Query = [("ended", ended ? "1" : nil), ("limit", "\(count)"), ("cursor", list.next)]
            let reply = try await get(APIPath.sessions, query: query, as: SessionList.self)
            list.items += reply.value.items
            list.beats.heard.merge(reply.value.beats.heard) { _, new in new }
            list.next = reply.value.next
            if list.items.count >= limit || list.next == nil || reply.value.items.isEmpty {
                return (list, reply.serverTime)
            }
        }
    }
}
