using System.Diagnostics;

namespace Serverless.Benchmarks.Serving;

/// <summary>`mlops up` as a process of its own, as it serves in earnest.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;

    private HostProcess(Process process, Uri url)
    {
        this.process = process;
        Url = url;
    }

    public Uri Url { get; }

    public double Megabytes
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64 / 1024.0 / 1024.0;
        }
    }

    public static async Task<HostProcess> StartAsync(string connectionString, string folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Local.AzuriteServer).Assembly.Location, "up", "--port", "0"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            Environment = { ["AzureWebJobsStorage"] = connectionString },
        })!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The host did not start.");
        return new HostProcess(process, new Uri(line.Split(' ').First(w => w.StartsWith("http://", StringComparison.Ordinal))));
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
