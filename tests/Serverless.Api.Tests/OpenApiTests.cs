using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;

namespace Serverless.Api.Tests;

public sealed partial class OpenApiTests(ApiFixture api)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [Fact]
    public async Task The_document_is_valid_OpenAPI_3_1()
    {
        var text = await Http.GetStringAsync(new Uri(api.Root, "openapi/v1.json"));

        var read = OpenApiDocument.Parse(text, "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal("Serverless ML", read.Document!.Info.Title);
        var references = Reference().Matches(text).Select(m => m.Groups[1].Value).Distinct();
        var document = JsonNode.Parse(text)!.AsObject();
        Assert.All(references, r => Assert.NotNull(SchemaCheck.Resolve(document, r)));
    }

    [Fact]
    public async Task Every_mapped_route_is_described_and_every_description_has_its_route()
    {
        var mapped = api.Described().Select(r => $"{r.Method} {PathOf(r.Pattern)}").ToHashSet(StringComparer.Ordinal);
        mapped.RemoveWhere(r => mapped.Contains(r.Replace(" /ajax-api/", " /api/", StringComparison.Ordinal)) && r.Contains(" /ajax-api/"));

        var described = await OperationsAsync();

        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Select(o => o.Name).Order(StringComparer.Ordinal));
        Assert.All(described, o => Assert.False(string.IsNullOrEmpty((string?)o.Operation["summary"]), o.Name));
        Assert.Equal(described.Count, described.Select(o => (string)o.Operation["operationId"]!).Distinct().Count());
        Assert.All(
            described,
            o =>
                Assert.Equal(
                    Placeholder().Matches(o.Path).Select(m => m.Groups[1].Value).Order(),
                    Parameters(o).Where(p => (string?)p["in"] == "path").Select(p => (string)p["name"]!).Order()
                )
        );
        Assert.Contains(mapped, r => r == "POST /models/{name}/invocations");
    }

    [Fact]
    public async Task Native_operations_have_examples_that_fit_their_schemas()
    {
        var document = await DocumentAsync();
        var contents = 0;
        foreach (var operation in (await OperationsAsync()).Where(o => IsNative(o) && !o.Name.StartsWith("HEAD", StringComparison.Ordinal)))
        {
            Assert.All(Parameters(operation), p => Assert.True(p["description"] is not null && p["example"] is not null, operation.Name));
            foreach (var (place, content) in Contents(operation))
            {
                contents++;
                Assert.True(content["example"] is not null, $"{operation.Name} {place} has no example");
                Assert.Equal([], SchemaCheck.Of(document, content["schema"], content["example"], $"{operation.Name} {place}"));
            }
        }

        Assert.True(contents > 80, $"{contents} bodies are described.");
    }

    [Fact]
    public async Task Example_requests_are_understood_by_their_endpoints()
    {
        var workspace = new Uri(api.Root, $"w/{ApiFixture.NewWorkspace()}/");
        foreach (var operation in (await OperationsAsync()).Where(IsNative))
        {
            if (operation.Operation["requestBody"]?["content"]?["application/json"]?["example"] is not { } example)
            {
                continue;
            }

            using var request = new HttpRequestMessage(
                new HttpMethod(operation.Name.Split(' ')[0]),
                new Uri(workspace, Filled(operation).TrimStart('/'))
            );
            request.Content = new StringContent(example.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await Http.SendAsync(request);
            var answer = await response.Content.ReadAsStringAsync();

            // What it names may not be there; the body itself is read.
            Assert.True(
                response.StatusCode != HttpStatusCode.UnsupportedMediaType
                    && (int)response.StatusCode is < 500 or 501
                    && !Unreadable().IsMatch(answer),
                $"{operation.Name} was answered {(int)response.StatusCode}: {answer}"
            );
        }
    }

    [Fact]
    public async Task The_document_is_sent_once_and_then_confirmed_by_its_ETag()
    {
        using var first = await Http.GetAsync(new Uri(api.Root, "openapi/v1.json"));
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(api.Root, "openapi/v1.json"));
        again.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(first.Headers.ETag!.ToString()));
        using var second = await Http.SendAsync(again);

        Assert.Equal("application/json", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task The_page_comes_from_this_host_alone()
    {
        using var page = await Http.GetAsync(new Uri(api.Root, "docs/"));
        var html = await page.Content.ReadAsStringAsync();
        using var script = await Http.GetAsync(new Uri(api.Root, "docs/scalar.js"), HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("openapi/v1.json", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
    }

    /// <summary>The path under which a pattern stands in the document.</summary>
    internal static string PathOf(string pattern)
    {
        var path = "/" + pattern.TrimStart('/');
        path = path.StartsWith("/w/{workspace}/", StringComparison.Ordinal) ? path["/w/{workspace}".Length..] : path;
        return Pattern().Replace(path, "{$1}");
    }

    private sealed record Described(string Name, string Path, JsonObject Operation);

    private async Task<JsonObject> DocumentAsync() =>
        JsonNode.Parse(await Http.GetStringAsync(new Uri(api.Root, "openapi/v1.json")))!.AsObject();

    private async Task<List<Described>> OperationsAsync() =>
        [
            .. (await DocumentAsync())["paths"]!
                .AsObject()
                .SelectMany(p =>
                    p.Value!.AsObject().Select(o => new Described($"{o.Key.ToUpperInvariant()} {p.Key}", p.Key, o.Value!.AsObject()))
                ),
        ];

    private static bool IsNative(Described operation) => (string?)operation.Operation["tags"]![0] != "MLflow";

    private static IEnumerable<JsonObject> Parameters(Described operation) =>
        (operation.Operation["parameters"] as JsonArray ?? []).Select(p => p!.AsObject());

    private static IEnumerable<(string Place, JsonNode Content)> Contents(Described operation) =>
        (operation.Operation["requestBody"]?["content"]?.AsObject() ?? [])
            .Select(c => ($"request {c.Key}", c.Value!))
            .Concat(
                operation.Operation["responses"]!
                    .AsObject()
                    .Where(r => r.Key is "200" or "202")
                    .SelectMany(r => r.Value!["content"]!.AsObject().Select(c => ($"{r.Key} {c.Key}", c.Value!)))
            );

    private static string Filled(Described operation) =>
        Placeholder()
            .Replace(operation.Path, m => (string)Parameters(operation).Single(p => (string?)p["name"] == m.Groups[1].Value)["example"]!);

    [GeneratedRegex(@"\{\**([^}:]+)[^}]*\}")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("\"\\$ref\":\"([^\"]+)\"")]
    private static partial Regex Reference();

    [GeneratedRegex("cannot be read|not what is expected|is no JSON|not the JSON that is expected|valid JSON formatted")]
    private static partial Regex Unreadable();
}
