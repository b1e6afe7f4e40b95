import Storage

/// Answers to questions that were asked before anybody needed them. One is given while no write has touched a row that
/// it is about; a write that does not name its rows ends them all.
struct ForeseenAnswers {
    private struct Key: Hashable {
        let statement: ObjectIdentifier
        let values: [SQLValue]
    }

    private var answers: [Key: [SQLRow]] = [:]
    private var asked: Set<Key> = []
    private var keysOfRow: [RowKey: [Key]] = [:]
    /// Questions whose answers are on their way.
    private var openCount = 0

    /// Whether it has not been asked in this transaction; from here on it has.
    mutating func isNew(_ question: Question) -> Bool {
        // Without the rows it is about nobody could tell when its answer is over.
        guard question.statement.keys(question.values) != nil else { return false }
        guard asked.insert(key(question.statement, question.values)).inserted else { return false }
        openCount += 1
        return true
    }

    /// - Parameter rows: the answer, where there was one question; of several, each row begins with the place of its
    ///   question, from 1 on.
    mutating func keep(_ questions: [Question], _ rows: [SQLRow]) {
        if questions.count == 1 { return keep(questions[0], rows) }
        var answers: [[SQLRow]] = Array(repeating: [], count: questions.count)
        for row in rows { answers[row.int(0) - 1].append(SQLRow(Array(row.values.dropFirst()))) }
        for (question, answer) in zip(questions, answers) { keep(question, answer) }
    }

    private mutating func keep(_ question: Question, _ rows: [SQLRow]) {
        let key = key(question.statement, question.values)
        // Forgotten while the answer was on its way.
        guard asked.contains(key) else { return }
        openCount -= 1
        answers[key] = rows
        for row in question.statement.keys(question.values) ?? [] { keysOfRow[row, default: []].append(key) }
        guard let column = question.statement.jobColumn else { return }
        for row in rows { keysOfRow[RowKey(kind: .job, id: row.int64(column)), default: []].append(key) }
    }

    func answer(_ statement: Statement, _ values: [SQLValue]) -> [SQLRow]? {
        answers.isEmpty ? nil : answers[key(statement, values)]
    }

    /// These rows are written.
    mutating func forget(_ rows: [RowKey]) {
        if asked.isEmpty { return }
        // Nobody knows yet which jobs those answers will be about.
        guard openCount == 0 else { return forget() }
        for row in rows {
            for key in keysOfRow.removeValue(forKey: row) ?? [] { answers[key] = nil }
        }
    }

    mutating func forget() {
        if asked.isEmpty { return }
        answers.removeAll(keepingCapacity: true)
        asked.removeAll(keepingCapacity: true)
        keysOfRow.removeAll(keepingCapacity: true)
        openCount = 0
    }

    private func key(_ statement: Statement, _ values: [SQLValue]) -> Key {
        Key(statement: ObjectIdentifier(statement), values: values)
    }
}
