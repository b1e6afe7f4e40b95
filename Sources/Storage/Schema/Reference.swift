/// That each row of one table belongs to a row of another, and goes with it. In a migration, among a table's columns:
///
///     @reference(ended_attempt: job_id -> job: id),
///
/// It is a foreign key where that is cheap. PostgreSQL looks up each row of a foreign key by a query of its own, which
/// costs a third of inserting a thousand jobs; there triggers look up all rows of a statement at once, and say the
/// same.
struct Reference: Hashable {
    let child: String
    let columns: [String]
    let parent: String
    let parentColumns: [String]

    /// - Returns: the references of a script, in order, each with the text that stands for it.
    static func all(in script: String) -> [(text: Substring, reference: Reference)] {
        script.matches(of: /@reference\((\w+): ([\w ]+) -> (\w+): ([\w ]+)\),/).map { match in
            let reference = Reference(
                child: String(match.1), columns: match.2.split(separator: " ").map(String.init),
                parent: String(match.3), parentColumns: match.4.split(separator: " ").map(String.init)
            )
            return (match.0, reference)
        }
    }

    var foreignKey: String {
        """
        FOREIGN KEY (\(columns.joined(separator: ", "))) REFERENCES \(parent) (\(parentColumns.joined(separator: ", ")))
            ON DELETE CASCADE,
        """
    }

    /// The same as triggers of PostgreSQL. A row comes with its parent or not at all; what it belongs to may change to
    /// another that is there; a parent's key never changes; with a parent go its children. One transaction at a time
    /// writes these tables, so no parent can go while a child comes.
    ///
    /// Each row finds the other table's by its index whatever the planner believes of it: in a join with a table that
    /// was empty when somebody last looked, it walks all of that table for each row, and keeps doing so when it has
    /// grown.
    /// `OFFSET 0` is what keeps a subquery from becoming a join.
    var triggers: String {
        let name = "\(child)_of_\(parent)"
        return """

            CREATE FUNCTION \(name)_added() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
                \(here)
                IF EXISTS (
                    SELECT 1 FROM added
                    WHERE NOT EXISTS (SELECT 1 FROM \(parent) AS parent WHERE \(match("added")) OFFSET 0)
                ) THEN
                    \(refusal("a row of \(child) has no \(parent)"))
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER \(name)_added AFTER INSERT ON \(child) REFERENCING NEW TABLE AS added
                FOR EACH STATEMENT EXECUTE FUNCTION \(name)_added();
            CREATE FUNCTION \(name)_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN
                \(here)
                IF NOT EXISTS (SELECT 1 FROM \(parent) AS parent WHERE \(match("NEW"))) THEN
                    \(refusal("a row of \(child) has no \(parent)"))
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER \(name)_changed AFTER UPDATE OF \(columns.joined(separator: ", ")) ON \(child)
                FOR EACH ROW EXECUTE FUNCTION \(name)_changed();
            CREATE FUNCTION \(name)_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                \(refusal("the key of a row of \(parent) can not change"))
            END $$;
            CREATE TRIGGER \(name)_kept AFTER UPDATE OF \(parentColumns.joined(separator: ", ")) ON \(parent)
                FOR EACH ROW WHEN (\(parentColumns.map { "OLD.\($0) <> NEW.\($0)" }.joined(separator: " OR ")))
                EXECUTE FUNCTION \(name)_kept();
            CREATE FUNCTION \(name)_removed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
            DECLARE parent RECORD; BEGIN
                \(here)
                FOR parent IN SELECT \(parentColumns.joined(separator: ", ")) FROM removed LOOP
                    DELETE FROM \(child) AS child WHERE \(match("child"));
                END LOOP;
                RETURN NULL;
            END $$;
            CREATE TRIGGER \(name)_removed AFTER DELETE ON \(parent) REFERENCING OLD TABLE AS removed
                FOR EACH STATEMENT EXECUTE FUNCTION \(name)_removed();

            """
    }

    /// A foreign key knows its tables, whatever their schema is called by now; a function looks for them by name. What
    /// is set here ends with the function, which has a setting of its own.
    private var here: String {
        """
        IF current_schema() IS DISTINCT FROM TG_TABLE_SCHEMA THEN
            PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA), true);
        END IF;
        """
    }

    private func match(_ child: String) -> String {
        zip(columns, parentColumns).map { "parent.\($1) = \(child).\($0)" }.joined(separator: " AND ")
    }

    private func refusal(_ message: String) -> String {
        "RAISE foreign_key_violation USING MESSAGE = '\(message)', CONSTRAINT = '\(child)_of_\(parent)';"
    }
}
