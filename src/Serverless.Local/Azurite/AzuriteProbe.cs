using System.Globalization;

namespace Serverless.Local.Azurite;

/// <summary>Checks whether Azurite listens on a port.</summary>
internal static class AzuriteProbe
{
    /// <summary>True if Azurite listens on both ports.</summary>
    public static async Task<bool> AnswersAsync(int blobPort, int tablePort, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var answers = await Task.WhenAll(
            IsAzuriteAsync(http, blobPort, "Azurite-Blob", cancellationToken),
            IsAzuriteAsync(http, tablePort, "Azurite-Table", cancellationToken)
        );
        return answers.All(a => a);
    }

    private static async Task<bool> IsAzuriteAsync(HttpClient http, int port, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(
                new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/devstoreaccount1")),
                cancellationToken
            );
            return answer.Headers.Server.ToString().StartsWith(name, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
