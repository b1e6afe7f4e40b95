import CLibPQ
import Domain
import Storage

/// One connection of libpq in pipeline mode: what is sent with `later` goes out at once or with the next call that
/// waits, and its answer is read then. So an operation costs as many journeys as it asks questions.
///
/// Used by one thread at a time: the executor that owns it. Its handle is never handed out.
@safe final class PostgresConnection: SQLConnection {
    private typealias Prepared = PostgresExchange.Prepared
    private typealias Sent = PostgresExchange.Sent
    private typealias Form = PostgresExchange.Form
    private typealias Answer = PostgresExchange.Answer

    /// The end of every transaction that writes; its answer is looked at (`PostgresResult.isCommit`).
    static let committing = Statement("transaction.commit", "COMMIT")

    private let handle: OpaquePointer
    private var parameters = PostgresParameters()
    /// The name by which the server knows a statement. The statement is kept, so that its identity is not given again.
    private var prepared: [ObjectIdentifier: Prepared] = [:]
    private var names: Set<String> = []
    private var sent: [Sent] = []
    /// What was sent since the last end of a batch, about.
    private var openBytes = 0
    /// libpq writes to the socket whenever it has 8 KiB. A server that has read some of a batch but not its end counts
    /// us as busy, and lets a frozen node keep its transaction for ever; so a batch ends before libpq writes by itself.
    private static let batchBytes = 6_000
    /// So many questions of one kind fit into a batch.
    private static let questionLimit = 256
    /// Of a message beside its texts.
    private static let messageBytes = 96
    /// Writes that are kept back until somebody waits, or until there are enough of them.
    private var gathered = GatheredWrites()
    private var many = ManyStatements()
    private var foreseen = ForeseenAnswers()
    /// Why the connection is of no use any more.
    private var failure: StoreError?

    /// Of the state that the transaction reads, where `fixState` asked.
    private(set) var seenSequence: SequenceNumber?

    init(_ target: PostgresTarget, limits: PostgresLimits, isWriter: Bool) throws(StoreError) {
        if let refusal = target.schemaRefusal { throw refusal }
        unsafe handle = try PostgresHandle.connect(target, limits)
        do throws(StoreError) {
            if let refusal = unsafe target.refusal(ofVersion: Int(PQserverVersion(handle))) { throw refusal }
            try execute(PostgresSetup.session(target, limits, isWriter: isWriter))
            guard unsafe PQenterPipelineMode(handle) == 1 else { throw PostgresFailure.lost(errorMessage) }
        } catch {
            unsafe PQfinish(handle)
            throw error
        }
    }

    deinit {
        unsafe PQfinish(handle)
    }

    private var errorMessage: String { unsafe String(cString: PQerrorMessage(handle)) }

    /// The socket, to wait on.
    var socket: Int32 { unsafe PQsocket(handle) }

    // MARK: - Statements

    /// Runs a statement whose answer nobody waits for now: it goes out with others like it. If it fails, a later call
    /// says so; it fails, too, where it changes another number of rows than expected.
    func later(_ statement: Statement, _ values: [SQLValue], expecting: Int? = nil) throws(StoreError) {
        if let failure { throw failure }
        guard statement.writes, values.count <= ColumnSet.limit, let rows = statement.keys(values) else {
            try flush()
            foreseen.forget()
            return try send(statement, values, expecting: expecting)
        }
        foreseen.forget(rows)
        let full = gathered.add(statement, values, expecting: expecting, touching: rows)
        if full.isEmpty { return }
        try send(full)
        try endBatch()
    }

    /// Asks, so that the answers are at hand when the same is asked while nothing has changed them.
    func foresee(_ questions: [Question]) throws(StoreError) {
        _ = try rows([], foreseeing: questions)
    }

    /// May wait for the server, so what comes before them is not to be on its way yet.
    private func forms(of questions: [Question]) throws(StoreError) -> [Form] {
        var same: [ObjectIdentifier: [Question]] = [:]
        for question in questions where foreseen.isNew(question) {
            same[ObjectIdentifier(question.statement), default: []].append(question)
        }
        var forms: [Form] = []
        for questions in same.values {
            var rest = questions[...]
            while let first = rest.first {
                let some = Array(rest.prefix(Self.questionLimit))
                rest = rest.dropFirst(some.count)
                if some.count > 1, let many = try questionForMany(first.statement) {
                    forms.append(
                        Form(statement: many, values: ManyRows.arrays(of: some.map(\.values)), questions: some)
                    )
                } else {
                    forms += some.map { Form(statement: $0.statement, values: $0.values, questions: [$0]) }
                }
            }
        }
        return forms
    }

    /// Asks how far the sequence goes in the state that is read; the answer comes with the first that is waited for.
    /// The first question of a transaction fixes what it sees.
    func fixState(_ statement: Statement) throws(StoreError) {
        seenSequence = nil
        try send(statement, [], kind: .state(statement))
    }

    /// Sends what was kept back.
    private func flush() throws(StoreError) {
        if !gathered.isEmpty { try send(gathered.takeAll()) }
    }

    private func send(_ batches: ArraySlice<GatheredWrites.Batch>) throws(StoreError) {
        for batch in batches {
            guard batch.rows.count > 1, let many = try writeForMany(batch) else {
                for row in batch.rows { try send(batch.statement, row, expecting: batch.expecting) }
                continue
            }
            let expected = batch.expecting.map { $0 * batch.rows.count }
            try send(many.statement, many.values(of: batch.rows), expecting: expected)
        }
    }

    private func send(_ statement: Statement, _ values: [SQLValue], expecting: Int?) throws(StoreError) {
        guard let expecting else { return try send(statement, values) }
        try send(many.counted(statement), values + [.int(expecting)])
    }

    private func writeForMany(_ batch: GatheredWrites.Batch) throws(StoreError) -> ManyRows? {
        let types = try parameterTypes(of: batch.statement)
        return many.write(batch.statement, types: types, varying: batch.varying)
    }

    private func questionForMany(_ statement: Statement) throws(StoreError) -> Statement? {
        let types = try parameterTypes(of: statement)
        return many.question(statement, types: types)
    }

    /// The server has found them when it prepared the statement for one row.
    private func parameterTypes(of statement: Statement) throws(StoreError) -> [String] {
        if let known = many.types[ObjectIdentifier(statement)] { return known }
        let name = try prepare(statement)
        guard unsafe PQsendDescribePrepared(handle, name) == 1 else { throw broken(errorMessage) }
        sent.append(Sent(kind: .description))
        let types = try drain().types
        many.types[ObjectIdentifier(statement)] = types
        return types
    }

    /// Sends a statement now; its answer is read with the next one that waits.
    func dispatch(_ statement: Statement, _ values: [SQLValue] = []) throws(StoreError) {
        try later(statement, values)
        try flush()
        try endBatch()
    }

    /// Sends a statement whose failure is nobody's. Called between transactions.
    func aside(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) {
        try send(statement, values, kind: .aside(statement))
        try endBatch(isAside: true)
    }

    private func endBatch(isAside: Bool = false) throws(StoreError) {
        guard unsafe PQpipelineSync(handle) == 1 else { throw broken(errorMessage) }
        sent.append(Sent(kind: .end(isAside: isAside)))
        openBytes = 0
    }

    @discardableResult
    func run(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Int {
        try wait(for: statement, values).changed
    }

    func rows(_ statement: Statement, _ values: [SQLValue]) throws(StoreError) -> [SQLRow] {
        try wait(for: statement, values).rows
    }

    func rows(_ questions: [Question]) throws(StoreError) -> [[SQLRow]] { try rows(questions, foreseeing: []) }

    func rows(_ questions: [Question], foreseeing more: [Question]) throws(StoreError) -> [[SQLRow]] {
        if let failure { throw failure }
        try flush()
        let forms = try forms(of: more)
        if questions.isEmpty, forms.isEmpty { return [] }
        for question in questions { try send(question.statement, question.values, kind: .asked(question.statement)) }
        for form in forms { try send(form.statement, form.values, kind: .foreseen(form.questions)) }
        return try drain().all
    }

    private func wait(for statement: Statement, _ values: [SQLValue]) throws(StoreError) -> Answer {
        if let failure { throw failure }
        let rows = statement.keys(values)
        if statement.writes {
            if let rows { foreseen.forget(rows) } else { foreseen.forget() }
            try flush()
        } else {
            if let known = foreseen.answer(statement, values) { return Answer(rows: known) }
            // A question may go before writes that are kept back, if they change nothing of what it asks.
            if rows.map(gathered.touches) ?? true || statement.jobColumn != nil { try flush() }
        }
        try send(statement, values)
        return try drain()
    }

    private func send(
        _ statement: Statement, _ values: [SQLValue], kind: Sent.Kind? = nil
    ) throws(StoreError) {
        precondition(
            values.count == statement.parameterCount,
            "\(statement.name) takes \(statement.parameterCount) values, not \(values.count)"
        )
        let isKnown = prepared[ObjectIdentifier(statement)] != nil
        parameters.fill(values)
        let size = parameters.byteCount + Self.messageBytes + (isKnown ? 0 : statement.sql.utf8.count)
        if openBytes > 0, openBytes + size > Self.batchBytes { try endBatch() }
        openBytes += size
        let name = try prepare(statement)
        let isSent = unsafe parameters.withPointers { count, pointers in
            unsafe PQsendQueryPrepared(handle, name, count, pointers, nil, nil, 0)
        }
        guard isSent == 1 else { throw broken(errorMessage) }
        sent.append(Sent(kind: kind ?? .call(statement)))
    }

    private func prepare(_ statement: Statement) throws(StoreError) -> [CChar] {
        let identity = ObjectIdentifier(statement)
        if let known = prepared[identity] { return known.name }
        var text = statement.name
        // Tests have statements of one name; the product's are unique.
        while !names.insert(text).inserted { text += "'" }
        let name = Array(text.utf8CString)
        let sql = statement.textWithLocks
        guard unsafe PQsendPrepare(handle, name, sql, 0, nil) == 1 else { throw broken(errorMessage) }
        prepared[identity] = Prepared(statement: statement, text: text, name: name)
        sent.append(Sent(kind: .preparation(identity)))
        return name
    }

    /// Reads the answers to all that was sent, and returns the last one.
    private func drain() throws(StoreError) -> Answer {
        guard unsafe PQpipelineSync(handle) == 1 else { throw broken(errorMessage) }
        openBytes = 0
        var answer = Answer()
        var firstError: StoreError?
        for item in sent {
            if case .end(let isAside) = item.kind {
                let error = try readEnd()
                if !isAside, firstError == nil { firstError = error }
                continue
            }
            guard let result = unsafe PQgetResult(handle) else { throw broken(errorMessage) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                switch item.kind {
                case .call(let statement):
                    if statement === Self.committing, unsafe !PostgresResult.isCommit(result), firstError == nil {
                        firstError = PostgresFailure.rolledBack
                    }
                    answer.changed = unsafe PostgresResult.changedCount(result)
                    answer.rows = unsafe PostgresResult.rows(result)
                case .asked: answer.all.append(unsafe PostgresResult.rows(result))
                case .state: seenSequence = unsafe PostgresResult.rows(result).first?.sequence(0)
                case .foreseen(let questions): unsafe foreseen.keep(questions, PostgresResult.rows(result))
                case .description: answer.types = unsafe PostgresResult.parameterTypes(result)
                case .aside, .preparation, .end: break
                }
            case PGRES_PIPELINE_ABORTED:
                forget(item)
            default:
                if case .aside = item.kind {} else if firstError == nil { firstError = unsafe error(result, item) }
                forget(item)
            }
            unsafe PQclear(result)
            if unsafe PQstatus(handle) == CONNECTION_BAD { throw broken(firstError?.message ?? errorMessage) }
            while let more = unsafe PQgetResult(handle) { unsafe PQclear(more) }
        }
        sent.removeAll(keepingCapacity: true)
        let error = try readEnd()
        if let error = firstError ?? error { throw error }
        return answer
    }

    /// Reads the end of a batch. A statement outside of a transaction is committed there, after its answer has left:
    /// one that fails or is cut off there has not happened, or nobody knows.
    ///
    /// - Returns: what failed at the end.
    private func readEnd() throws(StoreError) -> StoreError? {
        var failed: StoreError?
        // After an error stands the end of its statement, then that of the batch.
        for _ in 0..<3 {
            guard let result = unsafe PQgetResult(handle) else {
                if failed == nil { break }
                continue
            }
            defer { unsafe PQclear(result) }
            if unsafe PQresultStatus(result) == PGRES_PIPELINE_SYNC { return failed }
            if failed == nil {
                failed = unsafe PostgresFailure.error(PostgresResult.report(result, what: "the end of a batch"))
            }
            if unsafe PQstatus(handle) == CONNECTION_BAD { break }
        }
        throw broken(failed?.message ?? errorMessage)
    }

    private func error(_ result: OpaquePointer, _ item: Sent) -> StoreError {
        var what = "a statement"
        switch item.kind {
        case .call(let statement), .asked(let statement), .state(let statement), .aside(let statement):
            what = statement.name
        case .foreseen(let questions): what = questions.first?.statement.name ?? what
        case .preparation(let identity): what = prepared[identity]?.statement.name ?? what
        case .description, .end: break
        }
        return unsafe PostgresFailure.error(PostgresResult.report(result, what: what))
    }

    /// A preparation that did not happen is made again when it is needed.
    private func forget(_ item: Sent) {
        guard case .preparation(let identity) = item.kind, let known = prepared.removeValue(forKey: identity) else {
            return
        }
        names.remove(known.text)
    }

    private func broken(_ message: String) -> StoreError {
        let error = PostgresFailure.lost(message)
        failure = error
        sent.removeAll()
        forgetGroup()
        return error
    }

    private func forgetGroup() {
        gathered.forget()
        foreseen.forget()
    }

    /// Reads what is still on its way and forgets what went wrong with it. False where the connection is of no use.
    func settle() -> Bool {
        forgetGroup()
        if isUsable, !sent.isEmpty { _ = try? drain() }
        return isUsable
    }

    var isUsable: Bool { unsafe PQstatus(handle) == CONNECTION_OK && failure == nil }

    /// Several statements in one text, outside of the pipeline.
    func execute(_ script: String) throws(StoreError) {
        let isPipelined = unsafe PQpipelineStatus(handle) != PQ_PIPELINE_OFF
        if isPipelined {
            try flush()
            if !sent.isEmpty { _ = try drain() }
            guard unsafe PQexitPipelineMode(handle) == 1 else { throw broken(errorMessage) }
        }
        guard let result = unsafe PQexec(handle, script) else { throw broken(errorMessage) }
        defer { unsafe PQclear(result) }
        let status = unsafe PQresultStatus(result)
        let failed = status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY
        let report = unsafe PostgresResult.report(result, what: "a schema step")
        if isPipelined, unsafe PQstatus(handle) == CONNECTION_OK, unsafe PQenterPipelineMode(handle) != 1 {
            throw broken(errorMessage)
        }
        guard failed else { return }
        if unsafe PQstatus(handle) == CONNECTION_BAD { throw broken(report.message) }
        throw PostgresFailure.error(report)
    }

    // MARK: - Notifications

    /// What other connections said on the channels that this one listens to, since the last time.
    func takeNotifications() throws(StoreError) -> [String] {
        guard unsafe PQconsumeInput(handle) == 1 else { throw broken(errorMessage) }
        var texts: [String] = []
        while let notification = unsafe PQnotifies(handle) {
            texts.append(unsafe String(cString: notification.pointee.extra))
            unsafe PQfreemem(notification)
        }
        return texts
    }
}
