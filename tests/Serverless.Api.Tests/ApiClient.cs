using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Core;

namespace Serverless.Api.Tests;

/// <summary>A plain HTTP client of MLflow's REST API.</summary>
public sealed class ApiClient(Uri root)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public Uri Root => root;

    /// <summary>Sent with every request.</summary>
    public AuthenticationHeaderValue? Authorization { get; init; }

    public ApiClient As(string user) =>
        new(root) { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":x"))) };

    public Task<JsonObject> PostAsync(string path, JsonObject body) => OkAsync(HttpMethod.Post, path, body);

    public Task<JsonObject> PatchAsync(string path, JsonObject body) => OkAsync(HttpMethod.Patch, path, body);

    public Task<JsonObject> DeleteAsync(string path, JsonObject body) => OkAsync(HttpMethod.Delete, path, body);

    /// <param name="query">Names and values by turns; a name may come several times.</param>
    public Task<JsonObject> GetAsync(string path, params string[] query) => OkAsync(HttpMethod.Get, path + Query(query), null);

    /// <summary>Sends what must be refused, and gives the message.</summary>
    public async Task<string> FailAsync(HttpMethod method, string path, JsonObject? body, HttpStatusCode status, string code)
    {
        var (got, json) = await SendAsync(method, path, body);
        Assert.True(status == got, $"{method} {path} was answered {(int)got}: {json}");
        Assert.Equal(code, (string?)json["error_code"]);
        return (string)json["message"]!;
    }

    public Task<string> InvalidAsync(HttpMethod method, string path, JsonObject? body) =>
        FailAsync(method, path, body, HttpStatusCode.BadRequest, ErrorCodes.InvalidParameterValue);

    public Task<string> MissingAsync(HttpMethod method, string path, JsonObject? body) =>
        FailAsync(method, path, body, HttpStatusCode.NotFound, ErrorCodes.ResourceDoesNotExist);

    public static string Query(params string[] query) =>
        query.Length == 0 ? "" : "?" + string.Join('&', query.Chunk(2).Select(p => $"{p[0]}={Uri.EscapeDataString(p[1])}"));

    public async Task<(HttpStatusCode Status, JsonObject Json)> SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var response = await RawAsync(method, path, body);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }

    public async Task<HttpResponseMessage> RawAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(root, "api/2.0/mlflow/" + path));
        request.Headers.Authorization = Authorization;
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        return await Http.SendAsync(request);
    }

    private async Task<JsonObject> OkAsync(HttpMethod method, string path, JsonObject? body)
    {
        var (status, json) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, $"{method} {path} was answered {(int)status}: {json}");
        return json;
    }
}
