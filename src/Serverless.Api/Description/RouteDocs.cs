using Serverless.Api.Mlflow.Artifacts;
using Serverless.Api.Native.Administration;
using Serverless.Api.Native.Console;
using Serverless.Api.Native.Data;
using Serverless.Api.Native.Hooks;
using Serverless.Api.Native.Policies;
using Serverless.Api.Native.Registry;
using Serverless.Api.Native.Rollouts;
using Serverless.Api.Native.Serving;

namespace Serverless.Api.Description;

/// <summary>What is said about routes that do not describe themselves, by method and pattern.</summary>
internal static class RouteDocs
{
    public static IReadOnlyDictionary<string, RouteDoc> All { get; } =
        (
            (IEnumerable<RouteDoc>)
                [
                    .. HostDocs.All,
                    .. WorkspaceDocs.All,
                    .. RunDocs.All,
                    .. ViewDocs.All,
                    .. DatasetDocs.All,
                    .. VersionDocs.All,
                    .. ObjectDocs.All,
                    .. RegistryDocs.All,
                    .. PolicyDocs.All,
                    .. RolloutDocs.All,
                    .. ServingDocs.All,
                    .. HookDocs.All,
                    .. ArtifactDocs.All,
                ]
        ).ToDictionary(d => d.Route, StringComparer.Ordinal);
}
