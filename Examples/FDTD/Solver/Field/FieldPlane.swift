/// One component of the field on the whole grid, in single precision as is usual for FDTD: its rounding, 1e-7, is far
/// below the error of the grid, and twice as many cells fit a cache and a vector.
///
/// The kernels walk rows by pointer, since a bounds check in their inner loops would keep them from being vectorised;
/// everybody else reads single nodes, checked.
@safe
package struct FieldPlane: ~Copyable {
    package let columns: Int
    package let rows: Int
    private let base: UnsafeMutablePointer<Float>

    package init(columns: Int, rows: Int, filledWith value: Float = 0) {
        self.columns = columns
        self.rows = rows
        unsafe base = UnsafeMutablePointer<Float>.allocate(capacity: columns * rows)
        unsafe base.initialize(repeating: value, count: columns * rows)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// The nodes of a row: `columns` floats, valid as long as the plane is.
    @unsafe @inline(__always)
    func row(_ row: Int) -> UnsafeMutablePointer<Float> {
        unsafe base + row &* columns
    }

    package subscript(column: Int, row: Int) -> Float {
        get {
            precondition((0..<columns).contains(column) && (0..<rows).contains(row), "the node is outside of the grid")
            return unsafe base[row * columns + column]
        }
        set {
            precondition((0..<columns).contains(column) && (0..<rows).contains(row), "the node is outside of the grid")
            unsafe base[row * columns + column] = newValue
        }
    }
}
