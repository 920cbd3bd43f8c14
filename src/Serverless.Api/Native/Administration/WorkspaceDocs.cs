using Serverless.Api.Description;
using Serverless.Api.Native.Data;

namespace Serverless.Api.Native.Administration;

/// <summary>What the OpenAPI document says about <see cref="WorkspaceEndpoints"/>.</summary>
internal static class WorkspaceDocs
{
    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("listWorkspaces", "GET /api/2.0/serverless/workspaces", Tags.Host, "List workspaces")
        {
            Answer = BodyDoc.Json<WorkspaceList>(
                DataJson.Options,
                """{"workspaces": [{"name": "default"}, {"name": "team-a", "creation_timestamp": 1767225600000, "created_by": "alice"}]}""",
                "All workspaces, `default` first."
            ),
        },
        new("createWorkspace", "POST /api/2.0/serverless/workspaces", Tags.Host, "Create a workspace")
        {
            Description = "A host on one machine creates a workspace when it is first named; a cloud host asks an administrator to.",
            Request = BodyDoc.Json<WorkspaceRequest>(DataJson.Options, """{"name": "team-a"}"""),
            Answer = BodyDoc.Json<WorkspaceAnswer>(
                DataJson.Options,
                """{"workspace": {"name": "team-a", "creation_timestamp": 1767225600000, "created_by": "alice"}}""",
                "The workspace."
            ),
            Errors = [new(400, "The name is not valid, or the workspace exists already."), new(403, "The caller is not an administrator.")],
        },
    ];

    internal sealed record Workspace(string Name, long? CreationTimestamp, string? CreatedBy);

    internal sealed record WorkspaceList(IReadOnlyList<Workspace> Workspaces);

    internal sealed record WorkspaceRequest(string Name);

    internal sealed record WorkspaceAnswer(Workspace Workspace);
}
