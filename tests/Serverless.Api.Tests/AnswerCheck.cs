using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Api.Tests;

/// <summary>
/// Between the tests and the host: compares every JSON answer of the native API with the schema that the OpenAPI document gives it. One
/// that differs becomes an error 500 that says where, and fails the test.
/// </summary>
public sealed class AnswerCheck(Func<Uri> root)
{
    private static readonly HttpClient Client = new();
    private readonly SemaphoreSlim turn = new(1, 1);
    private JsonObject? document;

    public async Task RunAsync(HttpContext http, RequestDelegate next)
    {
        var pattern = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        if (pattern is null or DocumentPath || SchemaOf(await DocumentAsync(), http.Request.Method, pattern, 200) is null)
        {
            await next(http);
            return;
        }

        var body = http.Response.Body;
        using var copy = new MemoryStream();
        http.Response.Body = copy;
        try
        {
            await next(http);
        }
        finally
        {
            http.Response.Body = body;
        }

        var answer = copy.ToArray();
        var isJson = http.Response.ContentType?.Contains("json", StringComparison.Ordinal) == true;
        if (isJson && SchemaOf(document!, http.Request.Method, pattern, http.Response.StatusCode) is { } schema)
        {
            var faults = SchemaCheck.Of(document!, schema, JsonNode.Parse(answer));
            if (faults.Count > 0)
            {
                http.Response.StatusCode = StatusCodes.Status500InternalServerError;
                answer = System.Text.Encoding.UTF8.GetBytes(
                    new JsonObject { ["error_code"] = "NOT_AS_DESCRIBED", ["message"] = string.Join("; ", faults) }.ToJsonString()
                );
                http.Response.ContentLength = answer.Length;
            }
        }

        await body.WriteAsync(answer);
    }

    private const string DocumentPath = "/openapi/v1.json";

    private static JsonNode? SchemaOf(JsonObject document, string method, string pattern, int status)
    {
        var operation = document["paths"]![OpenApiTests.PathOf(pattern)]?[method.ToLowerInvariant()];
        return (string?)operation?["tags"]?[0] == "MLflow" ? null
            : operation?["responses"]?[$"{status}"]?["content"]?["application/json"]?["schema"] is JsonObject schema
            && (string?)schema["type"] != "string"
                ? schema
            : null;
    }

    private async Task<JsonObject> DocumentAsync()
    {
        if (document is null)
        {
            await turn.WaitAsync();
            try
            {
                document ??= JsonNode.Parse(await Client.GetStringAsync(new Uri(root(), DocumentPath)))!.AsObject();
            }
            finally
            {
                turn.Release();
            }
        }

        return document;
    }
}
