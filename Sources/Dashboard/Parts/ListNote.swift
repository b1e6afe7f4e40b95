/// What stands in place of a list that has nothing in it.
enum ListNote {
    static func region(_ id: String, isShown: Bool, _ text: String) -> Region {
        var fingerprint = Fingerprint()
        fingerprint.add(isShown)
        return Region(id, fingerprint: fingerprint, template: "note") {
            ["id": .text(id), "isHidden": .flag(!isShown), "text": .text(text)]
        }
    }
}
