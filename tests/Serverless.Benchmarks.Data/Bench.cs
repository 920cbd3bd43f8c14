using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Serverless.Benchmarks.Data;

/// <summary>
/// Folders with data, and a program as a person starts it: the published one, or DVC, which understands the same commands.
/// </summary>
internal sealed class Bench(string program, bool isDvc, bool isSmall) : IDisposable
{
    private const int Least = 20;
    private readonly string root = Directory.CreateTempSubdirectory("mlops-bench-").FullName;
    private readonly Dictionary<string, string> kept = [];
    private int folders;

    /// <summary>How many there are of something: a thousandth for a trial.</summary>
    public int Count(int count) => isSmall ? Math.Max(Least, count / 1000) : count;

    public long Size(long bytes) => isSmall ? Math.Max(Least, bytes / 1000) : bytes;

    /// <summary>The best of several: the others paid for what else the machine did. DVC takes long, and is measured once.</summary>
    public Measured Best(int times, Func<Measured> measure) =>
        Enumerable.Range(0, isSmall || isDvc ? 1 : times).Select(_ => measure()).MinBy(m => m.Wall);

    /// <summary>A folder that several rows work on, made for the first of them.</summary>
    public string Keep(string name, Func<string> make) => kept.TryGetValue(name, out var folder) ? folder : kept[name] = make();

    /// <summary>Makes room: only what later rows work on stays.</summary>
    public void Clear()
    {
        foreach (var folder in Directory.EnumerateDirectories(root).Where(f => !kept.ContainsValue(f)).ToList())
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A new repository.</summary>
    public string Repository()
    {
        var folder = Path.Combine(root, (++folders).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        Run(folder, "init", "--no-scm", "-q");
        return folder;
    }

    /// <summary>Files of random bytes, in folders of a thousand.</summary>
    public static void Fill(string folder, int count, int size, int seed = 1)
    {
        var random = new Random(seed);
        var bytes = new byte[size];
        for (var i = 0; i < count; i++)
        {
            var file = Path.Combine(
                folder,
                (i / 1000).ToString("000", CultureInfo.InvariantCulture),
                i.ToString("0000000", CultureInfo.InvariantCulture)
            );
            if (i % 1000 == 0)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            }

            random.NextBytes(bytes);
            File.WriteAllBytes(file, bytes);
        }
    }

    /// <summary>Runs a command to its end; one that fails ends the measurement.</summary>
    public Measured Run(string folder, params string[] arguments)
    {
        var (started, before) = (Stopwatch.GetTimestamp(), ChildrenSeconds());
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DVC_NO_ANALYTICS"] = "1";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        var peak = 0L;
        while (!process.WaitForExit(5))
        {
            peak = Math.Max(peak, PeakOf(process.Id));
        }

        process.WaitForExit();
        var wall = Stopwatch.GetElapsedTime(started).TotalSeconds;
        _ = output.Result;
        return process.ExitCode == 0
            ? new Measured(wall, ChildrenSeconds() - before, peak)
            : throw new InvalidOperationException($"{string.Join(' ', arguments)}: exit code {process.ExitCode}: {error.Result}");
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    // A process that has ended is known only in the sum of all of them: user and system time, each in seconds and microseconds.
    private static double ChildrenSeconds()
    {
        var usage = new long[32];
        return getrusage(Children, usage) == 0 ? usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6) : double.NaN;
    }

    private const int Children = -1;

    [DllImport("libc")]
    private static extern int getrusage(int who, [Out] long[] usage);

    private static long PeakOf(int id)
    {
        try
        {
            var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.AsSpan(6).Trim(" \tkB"), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
