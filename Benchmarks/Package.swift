// swift-tools-version:6.2
import PackageDescription

/// The load generator of `make bench`. A package of its own, so that building the product resolves none of this;
/// and it depends on nothing, so that it shares the machine's cores with the server it measures as little as it can.
let package = Package(
    name: "musterbench",
    targets: [
        .systemLibrary(name: "CEpoll"),
        .executableTarget(name: "musterbench", dependencies: ["CEpoll"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
            .strictMemorySafety(),
            .treatAllWarnings(as: .error),
        ]
}
