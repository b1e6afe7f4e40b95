import Testing

/// The tools of the tidy tests: what they can't read they would silently let pass.
@Suite("Tidy: reading Swift")
struct SwiftTextTests {
    @Test(
        "Comments and quotes are told from code",
        arguments: [
            (#"let a = 1 // b"#, "let a = 1     ", "              "),
            (#"let a = "b" + c"#, #"let a = " " + c"#, "         b     "),
            (#"let a = "b \(c("d")) e""#, #"let a = "      " "    ""#, #"         b \    d    e "#),
            (#"let a = "b \" c""#, #"let a = "      ""#, #"         b \" c "#),
            (##"let a = #"b " \ c"# + d"##, ##"let a = #"       "# + d"##, ##"          b " \ c      "##),
            ("a /* b /* c */ d */ e", "a                   e", "                     "),
        ])
    func masks(text: String, code: String, quoted: String) {
        let read = SwiftText(text)
        #expect(read.code == [code])
        #expect(read.quoted == [quoted])
    }

    @Test("A quote of several lines keeps their numbers")
    func severalLines() {
        let read = SwiftText("let a = \"\"\"\n    b \"c\" \\(d)\n    \"\"\"\ne")
        #expect(read.code == ["let a = \"\"\"", "              ", "    \"\"\"", "e"])
    }

    @Test("A function's length is that of its text, from its name to its closing brace")
    func lengths() {
        let code = """
            protocol P {
                func required(a: Int) -> Int
                init(b: Int)
            }
            package struct S {
                package static func short() { }
                private mutating func long(
                    a: Int
                ) throws -> Int
                where Int: P {
                    let b = S.init()
                    return [a].map { $0 + 1 }[0]
                }
                init(a: Int) { self.init() }
            }
            """
        let functions = FunctionLengths.of(SwiftText(code).code)
        #expect(
            functions == [
                .init(line: 6, name: "short", lineCount: 1), .init(line: 7, name: "long", lineCount: 7),
                .init(line: 14, name: "init", lineCount: 1),
            ])
    }
}
