/// Arrays of C texts for a call.
enum CText {
    static func withAddresses<Value>(
        _ texts: [[CChar]], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        let bytes = texts.flatMap { $0 }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            var addresses: [UnsafePointer<CChar>?] = unsafe []
            var offset = 0
            for text in texts {
                unsafe addresses.append(buffer.baseAddress.map { unsafe $0 + offset })
                offset += text.count
            }
            // libpq's list ends with none.
            unsafe addresses.append(nil)
            return unsafe addresses.withUnsafeBufferPointer { unsafe body($0.baseAddress) }
        }
    }
}
