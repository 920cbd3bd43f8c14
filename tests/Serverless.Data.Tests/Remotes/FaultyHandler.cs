using System.Collections.Concurrent;

namespace Serverless.Data.Tests.Remotes;

/// <summary>The network as tests need it: counts requests, and does to some of them what real networks and stores do.</summary>
internal sealed class FaultyHandler : DelegatingHandler
{
    private readonly ConcurrentQueue<(string Method, string Path)> requests = [];

    public FaultyHandler()
        : base(new SocketsHttpHandler { UseCookies = false }) { }

    /// <summary>Thrown in place of sending; null to send.</summary>
    public Func<HttpRequestMessage, Exception?>? Refuse { get; set; }

    /// <summary>Changes what came back.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage, Task>? Alter { get; set; }

    public int Count(string method, string part = "") =>
        requests.Count(r => r.Method == method && r.Path.Contains(part, StringComparison.Ordinal));

    public int Total => requests.Count;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        requests.Enqueue((request.Method.Method, request.RequestUri!.PathAndQuery));
        if (Refuse?.Invoke(request) is { } failure)
        {
            throw failure;
        }

        var answer = await base.SendAsync(request, cancellationToken);
        if (Alter is not null)
        {
            await Alter(request, answer);
        }

        return answer;
    }
}
