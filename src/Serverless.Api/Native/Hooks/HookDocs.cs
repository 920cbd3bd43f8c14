using Serverless.Api.Description;
using Serverless.Api.Native.Data;

namespace Serverless.Api.Native.Hooks;

/// <summary>What the OpenAPI document says about <see cref="HookEndpoints"/>.</summary>
internal static class HookDocs
{
    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        new("receiveGithubDelivery", "POST /hooks/github", Tags.Hooks, "Receive a delivery from GitHub")
        {
            Description =
                "Pushes start the pipelines that a webhook mapping names; every other event is acknowledged. The answer comes at once, the "
                + "work follows. A delivery that is sent again changes nothing.",
            Parameters =
            [
                Header("X-GitHub-Event", "The kind of event.", "push"),
                Header("X-GitHub-Delivery", "The delivery's id.", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
                Header(
                    "X-Hub-Signature-256",
                    "HMAC-SHA256 of the body with the webhook's secret.",
                    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
                ),
            ],
            Request = BodyDoc.Json<PushDelivery>(
                DataJson.Options,
                """
                {
                  "ref": "refs/heads/main",
                  "after": "5b1f0c7e4f1f4b0a9d8d3b8f5b6f2d1c0a9e8d7c",
                  "repository": {"full_name": "team/churn"}
                }
                """,
                "GitHub's payload, at most 25 MB. The fields that are read; all others are ignored."
            ),
            Answer = BodyDoc.Json<HookAnswer>(DataJson.Options, """{"message": "Taken in."}""", "What happens with the delivery.") with
            {
                Status = 202,
            },
            Errors =
            [
                new(401, "The signature does not fit the body."),
                new(413, "The body is larger than 25 MB."),
                new(503, "The host has no webhook secret."),
            ],
        },
    ];

    private static ParameterDoc Header(string name, string description, string example) =>
        new(name, description, example, ParameterPlace.Header) { IsRequired = true };

    internal sealed record PushRepository(string FullName);

    internal sealed record PushDelivery(string Ref, string After, PushRepository Repository);

    internal sealed record HookAnswer(string Message);
}
