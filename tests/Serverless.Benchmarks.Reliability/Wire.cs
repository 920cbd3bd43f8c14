using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Benchmarks.Reliability;

/// <summary>Plain HTTP to the host under test.</summary>
internal static class Wire
{
    public static HttpClient Http { get; } =
        new(
            new SocketsHttpHandler
            {
                MaxConnectionsPerServer = 128,
                UseCookies = false,
                UseProxy = false,
                AllowAutoRedirect = false,
            }
        );

    public static HttpContent Json(string text, string type = "application/json") => Bytes(Encoding.UTF8.GetBytes(text), type);

    public static HttpContent Bytes(byte[] bytes, string type = "application/octet-stream")
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    /// <returns>Null where the answer is no success.</returns>
    public static async Task<JsonNode?> PostAsync(Uri root, string path, string json)
    {
        using var content = Json(json);
        using var answer = await Http.PostAsync(new Uri(root, "api/2.0/mlflow/" + path), content);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text) : null;
    }

    public static async Task<string> CreateRunAsync(Uri root) =>
        (string?)(await PostAsync(root, "runs/create", """{"experiment_id": "0"}"""))?["run"]!["info"]!["run_id"]
        ?? throw new HttpRequestException("No run was made.");
}
