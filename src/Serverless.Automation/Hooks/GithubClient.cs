using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Polly;
using Polly.Retry;
using Serverless.Core;

namespace Serverless.Automation.Hooks;

/// <summary>The address of GitHub, and the platform's credentials there.</summary>
public sealed record GithubOptions
{
    public const string SecretSetting = "MLOPS_GITHUB_WEBHOOK_SECRET";
    public const string TokenSetting = "MLOPS_GITHUB_TOKEN";
    public const string ApiSetting = "MLOPS_GITHUB_API";

    public string? WebhookSecret { get; init; }

    /// <summary>
    /// Needs `contents: write` and `statuses: write`. Without a token, only public repositories can be read, and nothing is reported.
    /// </summary>
    public string? Token { get; init; }

    public Uri Api { get; init; } = new("https://api.github.com/");

    public static GithubOptions FromEnvironment()
    {
        var api = Given(ApiSetting) ?? "https://api.github.com";
        return new GithubOptions
        {
            WebhookSecret = Given(SecretSetting),
            Token = Given(TokenSetting),
            Api =
                Uri.TryCreate(api.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"
                    ? uri
                    : throw new ServerlessException(
                        ErrorCodes.Environment,
                        $"{ApiSetting} is not a valid URL: '{api}'.",
                        "Use a URL such as https://github.example.com/api/v3."
                    ),
        };

        static string? Given(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
    }
}

/// <summary>The three requests to GitHub: a commit's files, a status, a comment.</summary>
public sealed class GithubClient : IDisposable
{
    private const int LongestDescription = 140;
    private readonly HttpClient http;
    private readonly GithubOptions options;
    private readonly ResiliencePipeline<HttpResponseMessage> retry;

    public GithubClient(GithubOptions options, TimeProvider time)
    {
        this.options = options;
        // GitHub redirects to another server for the archive. The token must not follow there.
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = true, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = options.Api,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("serverless-ml", "1"));
        http.DefaultRequestHeaders.Add("X-GitHub-Api-Version", "2022-11-28");
        http.DefaultRequestHeaders.Accept.ParseAdd("application/vnd.github+json");
        retry = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = 3,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(500),
                    ShouldHandle = args =>
                        ValueTask.FromResult(
                            args.Outcome.Exception is HttpRequestException
                                || args.Outcome.Result
                                    is { StatusCode: HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError }
                        ),
                    DelayGenerator = args =>
                        ValueTask.FromResult(
                            args.Outcome.Result?.Headers.RetryAfter?.Delta is { } wait && wait < TimeSpan.FromMinutes(1)
                                ? wait
                                : (TimeSpan?)null
                        ),
                }
            )
            .Build();
    }

    public bool MayReport => options.Token is not null;

    public async Task DownloadAsync(string repository, string sha, string folder, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Get,
            $"repos/{repository}/tarball/{sha}",
            null,
            $"The files of {repository}@{sha[..8]}",
            cancellationToken
        );
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            await RepositoryArchive.UnpackAsync(stream, folder, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw ServerlessException.Unavailable(
                $"The files of {repository}@{sha[..8]} arrived incomplete: {e.Message}",
                "The delivery is retried automatically.",
                e
            );
        }
    }

    /// <param name="state">pending, success, failure or error. Replaces an earlier status of the same context.</param>
    public async Task SetStatusAsync(GithubPush push, string context, string state, string description, CancellationToken cancellationToken)
    {
        var body = new
        {
            state,
            context,
            description = description.Length > LongestDescription ? description[..(LongestDescription - 1)] + "…" : description,
        };
        (await SendAsync(HttpMethod.Post, $"repos/{push.Repository}/statuses/{push.Sha}", body, "A status", cancellationToken)).Dispose();
    }

    /// <summary>Comments on the commit, unless an earlier attempt already left a comment with the same mark.</summary>
    public async Task CommentAsync(GithubPush push, string mark, string markdown, CancellationToken cancellationToken)
    {
        var address = $"repos/{push.Repository}/commits/{push.Sha}/comments";
        using (var there = await SendAsync(HttpMethod.Get, address + "?per_page=100", null, "The comments", cancellationToken))
        {
            var comments = await there.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            if (
                comments
                    .EnumerateArray()
                    .Any(c => c.TryGetProperty("body", out var text) && text.GetString()?.Contains(mark, StringComparison.Ordinal) == true)
            )
            {
                return;
            }
        }

        (await SendAsync(HttpMethod.Post, address, new { body = $"{mark}\n{markdown}" }, "A comment", cancellationToken)).Dispose();
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string address,
        object? body,
        string what,
        CancellationToken cancellationToken
    )
    {
        HttpResponseMessage answer;
        try
        {
            answer = await retry.ExecuteAsync(
                async stop =>
                {
                    using var request = new HttpRequestMessage(method, address);
                    if (options.Token is { } token)
                    {
                        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                    }

                    request.Content = body is null ? null : JsonContent.Create(body);
                    return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                },
                cancellationToken
            );
        }
        catch (HttpRequestException e)
        {
            throw ServerlessException.Unavailable($"GitHub does not respond: {e.Message}", "The delivery is retried automatically.", e);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        var status = (int)answer.StatusCode;
        answer.Dispose();
        throw status is 429 or >= 500
            ? ServerlessException.Unavailable($"{what}: GitHub responded with {status}.", "The delivery is retried automatically.")
            : new ServerlessException(
                ErrorCodes.Environment,
                $"{what}: GitHub responded with {status}.",
                status is 401 or 403 or 404
                    ? $"Grant the token in {GithubOptions.TokenSetting} access to the repository's contents and commit statuses."
                    : null
            );
    }
}
