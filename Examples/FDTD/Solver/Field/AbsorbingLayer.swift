import Foundation

/// The convolutional perfectly matched layer (CPML) around the domain, along one axis.
///
/// In the layer each derivative D becomes D + ψ with ψ ← bψ + aD (Roden and Gedney, 2000). The conductivity rises with
/// the third power of the depth to the usual optimum 0.8 (m + 1) / (η₀Δx); the shift α, which keeps the layer from
/// reflecting what is slow or evanescent, is a share of ωε₀ at the rim and falls to nothing outside.
struct AbsorbingLayer {
    /// Places of derivatives of E, half a cell above their index.
    let magnetic: [Slot]
    /// Places of derivatives of H, on the nodes.
    let electric: [Slot]

    /// One column or row in the layer.
    struct Slot {
        let index: Int
        /// b and a.
        let memory: Float
        let gain: Float
    }

    private static let order = 3.0
    /// α at the rim as a share of ωε₀.
    private static let shiftShare = 0.05

    /// - Parameter nodes: count of nodes along the axis.
    init(nodes: Int, plan: Plan) {
        let cells = Plan.absorberCells
        // Both rims are nodes: number `cells` from either end.
        magnetic = (0..<(nodes - 1)).compactMap { index in
            let depth = max(Double(cells) - 0.5 - Double(index), Double(index) + 1.5 + Double(cells) - Double(nodes))
            return depth > 0 ? Self.slot(index, depth: depth, plan: plan) : nil
        }
        electric = (1..<(nodes - 1)).compactMap { index in
            let depth = max(cells - index, index + 1 + cells - nodes)
            return depth > 0 ? Self.slot(index, depth: Double(depth), plan: plan) : nil
        }
    }

    private static func slot(_ index: Int, depth: Double, plan: Plan) -> Slot {
        let share = depth / Double(Plan.absorberCells)
        let strongest = 0.8 * (order + 1) / (Physics.impedance * plan.cell)
        let conductivity = strongest * pow(share, order)
        let shift = shiftShare * 2 * Double.pi * plan.frequency * Physics.permittivity * max(0, 1 - share)
        let memory = exp(-(conductivity + shift) * plan.timeStep / Physics.permittivity)
        let gain = conductivity / (conductivity + shift) * (memory - 1)
        return Slot(index: index, memory: Float(memory), gain: Float(gain))
    }
}
