using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Serverless.Testing;

/// <summary>How a process ended.</summary>
public sealed record Ended(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n--- stderr\n{Error}";
}

/// <summary>The built host as a process of its own, as a person starts it.</summary>
public sealed partial class MlopsProcess : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();
    private readonly Task<string[]> reading;

    private MlopsProcess(Process process)
    {
        this.process = process;
        process.StandardInput.Close();
        reading = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, error));
    }

    /// <summary>The runtime's own launcher, wherever PATH leads.</summary>
    public static string Dotnet { get; } =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "mlops.dll");

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>What it has written to standard output so far.</summary>
    public string Output => TextOf(output);

    public string Error => TextOf(error);

    public static MlopsProcess Start(
        string folder,
        IReadOnlyDictionary<string, string?> environment,
        params IReadOnlyList<string> arguments
    ) => StartProgram(Dotnet, folder, environment, [Assembly, .. arguments]);

    /// <summary>Another program, a shell say, that starts the host.</summary>
    public static MlopsProcess StartProgram(
        string program,
        string folder,
        IReadOnlyDictionary<string, string?> environment,
        params IReadOnlyList<string> arguments
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MLOPS_", StringComparison.Ordinal)).ToList())
        {
            if (name != "MLOPS_TOOLS")
            {
                start.Environment.Remove(name);
            }
        }

        start.Environment.Remove("AzureWebJobsStorage");
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        HearInterrupts();
        return new MlopsProcess(Process.Start(start)!);
    }

    public void Signal(int signal) => Signal(process.Id, signal);

    public static void Signal(int id, int signal) => _ = Kill(id, signal);

    /// <summary>SIGKILL: nothing is tidied up, and its children live on.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<Ended> WaitAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"It did not end:\n{Output}\n--- stderr\n{Error}");
        }

        // A child that was left behind holds the pipes open: its output is not waited for.
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System));
        return new Ended(process.ExitCode, Output, Error);
    }

    /// <summary>Waits until it has written that, to standard output or error.</summary>
    public async Task SaysAsync(string text)
    {
        await Eventually.HoldsAsync(
            () => Output.Contains(text) || Error.Contains(text) || HasExited,
            () => $"'{text}' in\n{Output}\n--- stderr\n{Error}"
        );
        Assert(Output.Contains(text) || Error.Contains(text) || (await WaitAsync()).ToString().Contains(text), text);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private void Assert(bool holds, string text)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"It ended without '{text}':\n{Output}\n--- stderr\n{Error}");
        }
    }

    /// <summary>What runs in the background of a shell was started deaf to SIGINT, and its children would be too.</summary>
    private static void HearInterrupts()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var ignored = File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim();
        if ((Convert.ToUInt64(ignored, 16) & (1UL << (Interrupt - 1))) != 0)
        {
            _ = SetHandler(Interrupt, 0);
        }
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, StringBuilder text)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (text)
                {
                    text.Append(line).Append('\n');
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The test is over.
        }

        return "";
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
