/// The description of the API that the server serves.
enum OpenAPIDocument {
    static let bytes = Array(#"{"openapi":"3.1.0","info":{"title":"Muster","version":"1"},"paths":{}}"#.utf8)
}
