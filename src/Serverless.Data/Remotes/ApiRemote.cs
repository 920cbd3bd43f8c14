using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;

namespace Serverless.Data.Remotes;

/// <summary>
/// A workspace of the platform as a remote, over its API. Pushing and pulling needs no credentials of the storage account.
/// </summary>
public sealed class ApiRemote : IRemote
{
    private const string ObjectsPath = "api/2.0/data/objects";
    private const int Attempts = 5;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    private readonly HttpClient http;
    private readonly TimeProvider time;

    /// <param name="root">The URL of the workspace: `https://host/w/name/`.</param>
    public ApiRemote(Uri root, string? token = null, HttpMessageHandler? handler = null, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        http = new HttpClient(handler ?? new SocketsHttpHandler { UseCookies = false, MaxConnectionsPerServer = 64 })
        {
            BaseAddress = root,
            Timeout = TimeSpan.FromMinutes(30),
        };
        if (token is { Length: > 0 })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public string Url => http.BaseAddress!.ToString().TrimEnd('/');

    public int DefaultJobs => 4 * Math.Max(4, Environment.ProcessorCount);

    public int PageSize => 1000;

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) =>
        SendAsync(
            () =>
                new HttpRequestMessage(method, path)
                {
                    Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: Json),
                },
            cancellationToken
        );

    private async Task<T> AskAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, body, cancellationToken);
        await CheckAsync(answer, path, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
    }

    /// <summary>Returns the digests in the platform's records, each with its record.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ListInUseAsync(CancellationToken cancellationToken = default) =>
        (await AskAsync<Uses>(HttpMethod.Get, "api/2.0/data/in-use", null, cancellationToken)).InUse.ToDictionary(
            u => u.Digest,
            u => u.By,
            StringComparer.Ordinal
        );

    public async IAsyncEnumerable<RemoteObject> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        string? token = null;
        do
        {
            var page = await AskAsync<Page>(
                HttpMethod.Get,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{ObjectsPath}?prefix={Uri.EscapeDataString(prefix)}&max_results={5 * PageSize}"
                        + $"{(token is null ? "" : "&page_token=" + Uri.EscapeDataString(token))}"
                ),
                null,
                cancellationToken
            );
            foreach (var item in page.Objects)
            {
                yield return new RemoteObject(item.Name, item.Size, item.LastModified);
            }

            token = page.NextPageToken;
        } while (token is not null);
    }

    public async Task<bool> ExistsAsync(string name, CancellationToken cancellationToken = default) =>
        (await ExistAsync([name], cancellationToken))!.Count == 1;

    public async Task<IReadOnlySet<string>?> ExistAsync(IReadOnlyList<string> names, CancellationToken cancellationToken = default)
    {
        var there = new HashSet<string>(names, StringComparer.Ordinal);
        foreach (var part in names.Chunk(10_000))
        {
            there.ExceptWith(
                (await AskAsync<Missing>(HttpMethod.Post, ObjectsPath + "/exists", new { names = part }, cancellationToken)).Names
            );
        }

        return there;
    }

    public async Task PutAsync(string name, Stream content, long length, byte[] md5, CancellationToken cancellationToken = default)
    {
        var start = content.Position;
        using var answer = await SendAsync(
            () =>
            {
                content.Position = start;
                var body = new StreamContent(new KeptOpenStream(content, start), 1 << 16);
                body.Headers.ContentLength = length;
                body.Headers.ContentMD5 = md5;
                return new HttpRequestMessage(HttpMethod.Put, PathOf(name)) { Content = body };
            },
            cancellationToken
        );
        await CheckAsync(answer, name, cancellationToken);
    }

    public async Task<Stream?> OpenAsync(string name, CancellationToken cancellationToken = default)
    {
        var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, PathOf(name)), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            answer.Dispose();
            return null;
        }

        await CheckAsync(answer, name, cancellationToken);
        return await answer.Content.ReadAsStreamAsync(cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, PathOf(name)), cancellationToken);
        await CheckAsync(answer, name, cancellationToken);
    }

    public async Task<bool> MoveAsync(string name, string newName, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(HttpMethod.Post, ObjectsPath + "/move", new { name, new_name = newName }, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        await CheckAsync(answer, name, cancellationToken);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string PathOf(string name) => $"{ObjectsPath}/{name}";

    /// <summary>Sends a request until there is a response. Retries transient errors with increasing pauses.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var message = request();
                var answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (attempt == Attempts || (int)answer.StatusCode is not (408 or 429 or 502 or 503 or 504))
                {
                    return answer;
                }

                answer.Dispose();
            }
            catch (Exception e)
                when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested)
                )
            {
                if (attempt == Attempts)
                {
                    throw ServerlessException.Unavailable(
                        $"Cannot reach {http.BaseAddress!.Authority} ({e.Message.TrimEnd('.')}).",
                        "Start the host (`mlops up`) or fix the remote's URL. Transferred objects are kept.",
                        e
                    );
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100 << attempt), time, cancellationToken);
        }
    }

    private async Task CheckAsync(HttpResponseMessage answer, string what, CancellationToken cancellationToken)
    {
        if (answer.IsSuccessStatusCode)
        {
            return;
        }

        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        answer.Dispose();
        Failure? failure = null;
        try
        {
            failure = JsonSerializer.Deserialize<Failure>(text, Json);
        }
        catch (JsonException)
        {
            // Something other than the platform responds at this address.
        }

        var status = (int)answer.StatusCode;
        throw failure?.Message is { } message
            ? new ServerlessException(
                failure.ErrorCode ?? ErrorCodes.InternalError,
                message,
                status: status,
                retryable: status is 409 or >= 500
            )
            : new ServerlessException(
                ErrorCodes.Environment,
                $"{http.BaseAddress!.Authority} responded with {status} to {what}.",
                status is 401 or 403
                    ? "Set the remote's token, or MLOPS_API_TOKEN."
                    : "Set the remote's URL to a workspace of the platform: `https://host/w/name`.",
                status
            );
    }

    private sealed record Page(IReadOnlyList<Item> Objects, string? NextPageToken);

    private sealed record Item(string Name, long Size, DateTimeOffset LastModified);

    private sealed record Missing([property: System.Text.Json.Serialization.JsonPropertyName("missing")] IReadOnlyList<string> Names);

    private sealed record Use(string Digest, string By);

    private sealed record Uses(IReadOnlyList<Use> InUse);

    private sealed record Failure(string? ErrorCode, string? Message);
}
