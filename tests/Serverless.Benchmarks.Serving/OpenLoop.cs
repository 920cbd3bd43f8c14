using System.Diagnostics;
using System.Net.Http.Headers;

namespace Serverless.Benchmarks.Serving;

/// <summary>What callers waited, in milliseconds.</summary>
internal sealed record Waits(double P50, double P99, double Max, int Errors)
{
    public static Waits Of(List<double> waits, int errors)
    {
        waits.Sort();
        return new Waits(waits[waits.Count / 2], waits[(int)(waits.Count * 0.99)], waits[^1], errors);
    }
}

/// <summary>
/// Requests at a fixed rate, whether or not the ones before are answered. A request's time counts from when it was due, so a server that
/// stalls is not spared the requests that it kept from being sent.
/// </summary>
internal static class OpenLoop
{
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 64,
            UseCookies = false,
            UseProxy = false,
        }
    );

    public static async Task<Waits> RunAsync(Uri url, byte[] body, int perSecond, TimeSpan time)
    {
        var count = (int)(perSecond * time.TotalSeconds);
        var waits = new double[count];
        var errors = 0;
        var pending = new Task[count];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var due = started + (long)(i / (double)perSecond * Stopwatch.Frequency);
            var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, TimeProvider.System);
            }

            pending[i] = SendAsync(i, due);
        }

        await Task.WhenAll(pending);
        return Waits.Of([.. waits], errors);

        async Task SendAsync(int index, long due)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            try
            {
                using var answer = await Http.SendAsync(request);
                await answer.Content.ReadAsByteArrayAsync();
                if (!answer.IsSuccessStatusCode)
                {
                    Interlocked.Increment(ref errors);
                }
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref errors);
            }

            waits[index] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
        }
    }

    /// <summary>One request after the other: rows answered a second, and what one request takes in milliseconds.</summary>
    public static async Task<double> BatchAsync(Uri url, byte[] body, int rows, int times)
    {
        var best = double.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var started = Stopwatch.GetTimestamp();
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await Http.PostAsync(url, content);
            await answer.Content.ReadAsByteArrayAsync();
            answer.EnsureSuccessStatusCode();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return rows / best;
    }
}
