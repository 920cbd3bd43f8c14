using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Polly;
using Polly.Retry;
using Polly.Timeout;
using Serverless.Storage.Tables;
using Serverless.Tracking.Alerts;

namespace Serverless.Automation.Alerts;

/// <summary>
/// Sends the alerts in the outbox. An alert is claimed, sent, and then recorded as delivered: a host that dies in between leaves the claim,
/// and when it expires, another host sends the alert again under the same ID. Targets do not wait for one another.
/// </summary>
public sealed class AlertSender : IAlertSender, IDisposable
{
    private const int AtATime = 16;

    /// <summary>Longer than all retries of one attempt take together.</summary>
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly AlertOutbox outbox;
    private readonly TimeProvider time;
    private readonly Func<string, string?> environment;
    private readonly HttpClient client;
    private readonly ResiliencePipeline<HttpResponseMessage> pipeline;

    /// <param name="outbox">The alerts to send.</param>
    /// <param name="time">The clock for pauses and claims.</param>
    /// <param name="environment">Resolves `env:NAME`. Null for this process's environment.</param>
    public AlertSender(AlertOutbox outbox, TimeProvider time, Func<string, string?>? environment = null)
    {
        this.outbox = outbox;
        this.time = time;
        this.environment = environment ?? Environment.GetEnvironmentVariable;
        // Following a redirect would send the alert to a target that the policy does not name.
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = 2,
                    Delay = TimeSpan.FromMilliseconds(200),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                        .Handle<HttpRequestException>()
                        .Handle<TimeoutRejectedException>()
                        .HandleResult(r => (int)r.StatusCode is 408 or 429 or >= 500),
                }
            )
            .AddTimeout(OneTry)
            .Build();
    }

    /// <summary>Sends the alerts that are due.</summary>
    /// <returns>The number of alerts delivered.</returns>
    public async Task<int> SendAsync(CancellationToken cancellationToken = default)
    {
        var now = time.GetUtcNow();
        var delivered = 0;
        var due = (await outbox.PendingAsync(cancellationToken))
            .Select(row => (Row: row, Delivery: row.Read<AlertDelivery>()))
            .Where(d => d.Delivery.NextAt <= now && d.Delivery.ClaimedUntil <= now)
            .ToList();
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellationToken },
            async (d, token) =>
            {
                if (await outbox.ReplaceAsync(d.Row, d.Delivery with { ClaimedUntil = now + Claim }, token) is { } claimed)
                {
                    Interlocked.Add(ref delivered, await SendAsync(claimed, d.Delivery, token) ? 1 : 0);
                }
            }
        );
        return delivered;
    }

    public void Dispose() => client.Dispose();

    private async Task<bool> SendAsync(Row row, AlertDelivery delivery, CancellationToken cancellationToken)
    {
        var error = await PostAsync(delivery, cancellationToken);
        var now = time.GetUtcNow();
        var tried = delivery with { Attempts = delivery.Attempts + 1, Error = error, ClaimedUntil = default };
        if (error is null)
        {
            await outbox.EndAsync(row, tried with { DeliveredAt = now }, cancellationToken);
            return true;
        }

        if (now - delivery.CreatedAt > Patience)
        {
            await outbox.EndAsync(row, tried, cancellationToken);
            return false;
        }

        var pause = TimeSpan.FromSeconds(
            Math.Min(FirstPause.TotalSeconds * Math.Pow(2, Math.Min(delivery.Attempts, 20)), LongestPause.TotalSeconds)
        );
        await outbox.ReplaceAsync(row, tried with { NextAt = now + pause }, cancellationToken);
        return false;
    }

    /// <summary>Null if the target accepted the alert, else the reason.</summary>
    private async Task<string?> PostAsync(AlertDelivery delivery, CancellationToken cancellationToken)
    {
        var target = delivery.Target;
        if (
            !Uri.TryCreate(AlertTarget.Resolve(target.Webhook, environment), UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
        )
        {
            return $"'{target.Shown}' is not a valid URL on this host";
        }

        var secret = AlertTarget.Resolve(target.Secret, environment);
        if (target.Secret is not null && string.IsNullOrEmpty(secret))
        {
            // An unsigned alert would be rejected, or worse, be trusted by a receiver that does not check.
            return $"{target.Secret} is not set on this host";
        }

        try
        {
            var body = delivery.Alert.ToBody();
            using var answer = await pipeline.ExecuteAsync(
                async token => await client.SendAsync(Request(address, delivery.Alert, body, secret), token),
                cancellationToken
            );
            return answer.IsSuccessStatusCode
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"the target responded with {(int)answer.StatusCode}");
        }
        catch (TimeoutRejectedException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the target did not respond within {OneTry.TotalSeconds} s");
        }
        catch (HttpRequestException e)
        {
            return $"the target cannot be reached: {e.HttpRequestError}";
        }
    }

    private static HttpRequestMessage Request(Uri address, Alert alert, byte[] body, string? secret)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.Add("X-Serverless-Event", alert.Event);
        // The ID contains a model's name, which may contain characters that a header does not allow.
        request.Headers.Add(
            "X-Serverless-Delivery",
            alert.Id.All(c => c is > ' ' and < (char)127) ? alert.Id : Uri.EscapeDataString(alert.Id)
        );
        if (secret is not null)
        {
            request.Headers.Add(
                "X-Serverless-Signature",
                "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))
            );
        }

        return request;
    }
}
