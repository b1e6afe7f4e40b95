import Domain
import Testing

/// Over random configurations: an array or object at some depth for each dimension, random text around them.
@Suite("Any split of any configuration")
struct SplitPropertyTests {
    private struct Case {
        let base: JSON
        let dimensions: [SplitDimension]
        let containers: [JSON]
    }

    private func randomCase(_ random: inout RandomJSON) -> Case {
        var root = random.object(memberCount: Int.random(in: 0...4, using: &random))
        var dimensions: [SplitDimension] = []
        var containers: [JSON] = []
        for number in 0..<Int.random(in: 1...3, using: &random) {
            let itemCount = Int.random(in: 1...7, using: &random)
            let container: JSON =
                if Bool.random(using: &random) {
                    .object(
                        JSONObject((0..<itemCount).map { JSONMember(key: "k\($0)", value: random.value(depth: 4)) }))
                } else {
                    .array((0..<itemCount).map { _ in random.value(depth: 4) })
                }
            let name = "dimension \(number)"
            let isNested = Bool.random(using: &random)
            root[name] = isNested ? [random.value(), ["in": container, "beside": random.value()]] : container
            let path = ConfigurationPath(components: isNested ? [name, "1", "in"] : [name])
            let rule: SplitDimension.Rule =
                Bool.random(using: &random) ? .each : .groups(Int.random(in: 1...itemCount, using: &random))
            dimensions.append(SplitDimension(path: path, rule: rule))
            containers.append(container)
        }
        dimensions.shuffle(using: &random)
        let order = dimensions.map { dimension in
            containers[Int(dimension.path.components[0].drop { !$0.isNumber }) ?? 0]
        }
        root["after"] = random.value()
        return Case(base: .object(root), dimensions: dimensions, containers: order)
    }

    private func value(at path: ConfigurationPath, in base: JSON) -> JSON? {
        path.components.reduce(base) { value, name in
            value?[name] ?? Int(name).flatMap { value?[$0] }
        }
    }

    private func items(of container: JSON?) -> [String] {
        switch container {
        case .object(let object): object.members.map { "\($0.key): \($0.value.text)" }
        case .array(let elements): elements.map(\.text)
        default: []
        }
    }

    @Test("has every item in one group of its dimension, in order, and leaves all else alone", arguments: 0..<30)
    func partition(seed: UInt64) throws {
        var random = RandomJSON(seed: 7_000 + seed)
        let sample = randomCase(&random)
        let split = try Split(of: sample.base, by: .dimensions(sample.dimensions))
        var groups = sample.dimensions.map { _ in [Int: [String]]() }
        for index in split.indices {
            let configuration = split.configuration(at: index)
            #expect(split.text(at: index) == configuration.text)
            var restored = configuration
            for (axis, coordinate) in split.coordinates(at: index).enumerated() {
                let part = value(at: sample.dimensions[axis].path, in: configuration)
                #expect((part?.objectValue == nil) == (sample.containers[axis].objectValue == nil))
                let known = groups[axis].updateValue(items(of: part), forKey: coordinate)
                #expect(known == nil || known == items(of: part))
                restored = replacing(
                    sample.dimensions[axis].path.components[...], in: restored, with: sample.containers[axis])
            }
            #expect(restored.text == sample.base.text)
        }
        for (axis, byGroup) in groups.enumerated() {
            let inOrder = byGroup.sorted { $0.key < $1.key }.map(\.value)
            #expect(inOrder.count == split.axes[axis].groupCount)
            #expect(inOrder.flatMap { $0 } == items(of: sample.containers[axis]))
            let sizes = inOrder.map(\.count)
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
            #expect(sizes == sizes.sorted(by: >))
        }
        let again = try Split(of: sample.base, by: .dimensions(sample.dimensions))
        #expect(split.indices.map(split.text) == again.indices.map(again.text))
    }

    private func replacing(_ path: ArraySlice<String>, in base: JSON, with value: JSON) -> JSON {
        guard let name = path.first else { return value }
        switch base {
        case .object(var object):
            object[name] = object[name].map { replacing(path.dropFirst(), in: $0, with: value) }
            return .object(object)
        case .array(var elements):
            if let place = Int(name) { elements[place] = replacing(path.dropFirst(), in: elements[place], with: value) }
            return .array(elements)
        default: return base
        }
    }

    @Test("auto makes exactly what is asked for, or names counts that it then makes", arguments: 0..<30)
    func auto(seed: UInt64) throws {
        var random = RandomJSON(seed: 9_000 + seed)
        let sample = randomCase(&random)
        let paths = sample.dimensions.map(\.path)
        let most = sample.containers.map { items(of: $0).count }.reduce(1, *)
        for splits in 1...(most + 2) {
            do {
                let split = try Split(of: sample.base, by: .auto(paths: paths, splits: splits))
                #expect(split.count == splits)
                #expect(Set(split.indices.map(split.coordinates)).count == splits)
            } catch {
                #expect(error.code == .count)
                #expect(!error.possibleCounts.isEmpty)
                for count in error.possibleCounts {
                    #expect(try Split(of: sample.base, by: .auto(paths: paths, splits: count)).count == count)
                }
            }
        }
    }
}
