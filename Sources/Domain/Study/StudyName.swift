/// What a study may be called. Its name stands in paths and beside ids, and must not be taken for either.
package enum StudyName {
    /// Why `text` can't be a study's name, to follow the name of the field; `nil` where it can.
    package static func fault(_ text: String) -> String? {
        if StudyID(text: text) != nil { return "reads like an id; add a letter or a hyphen" }
        if text == "." || text == ".." { return "is the name of a folder; choose another" }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "has a control character; leave it out"
        }
        if text.first?.isWhitespace == true || text.last?.isWhitespace == true {
            return "begins or ends with a space; leave it out"
        }
        return nil
    }
}
