using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Api.Tests;

/// <summary>A plain HTTP client of the endpoints that carry files.</summary>
public sealed class ArtifactClient(Uri root)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public const string Artifacts = "api/2.0/mlflow-artifacts/artifacts";

    public Uri Root => root;

    /// <summary>Bytes that look like nothing, the same for a seed.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        var request = new HttpRequestMessage(method, new Uri(root, path)) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task PutAsync(string path, byte[] bytes)
    {
        using var response = await SendAsync(HttpMethod.Put, $"{Artifacts}/{path}", new ByteArrayContent(bytes));
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"PUT {path}: {await response.Content.ReadAsStringAsync()}");
    }

    public Task PutAsync(string path, string text) => PutAsync(path, Encoding.UTF8.GetBytes(text));

    /// <summary>The file; null if there is none.</summary>
    public async Task<byte[]?> FindAsync(string path)
    {
        using var response = await SendAsync(HttpMethod.Get, $"{Artifacts}/{path}");
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    /// <summary>The folder's entries: `name` and a file's size, or `name/`.</summary>
    public async Task<string[]> ListAsync(string folder, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(HttpMethod.Get, $"{Artifacts}?path={Uri.EscapeDataString(folder)}", null, headers);
        return Entries(await JsonAsync(response));
    }

    public static string[] Entries(JsonObject json) =>
        [
            .. (json["files"]?.AsArray() ?? []).Select(f =>
                (bool)f!["is_dir"]! ? $"{f["path"]}/" : string.Create(CultureInfo.InvariantCulture, $"{f["path"]} {f["file_size"]}")
            ),
        ];

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    public static async Task AssertFailsAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal(code, (string?)JsonNode.Parse(text)!["error_code"]);
    }

    /// <summary>Sends a request as it is, and reads the answer until the server ends the connection.</summary>
    public async Task<string> SendRawAsync(string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(root.Host, root.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")));
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    /// <summary>Sends a part of a request and ends the connection: in good order, or as a process that was killed.</summary>
    public async Task BreakOffAsync(string head, byte[] body, bool isReset)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(root.Host, root.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")));
        await stream.WriteAsync(body);
        if (isReset)
        {
            client.LingerState = new LingerOption(true, 0);
            return;
        }

        client.Client.Shutdown(SocketShutdown.Send);
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
            // The server had not read everything: it ends the connection in its own way.
        }
    }

    public static string Digest(byte[]? bytes) => bytes is null ? "none" : Convert.ToHexStringLower(SHA256.HashData(bytes));
}
