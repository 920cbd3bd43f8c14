using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage.Logs;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// A task's log: whole lines with timestamps, streamed into its blob while the task runs, with secrets masked. The blob is created only if
/// there is output.
/// </summary>
internal sealed class TaskLog : TextWriter
{
    /// <summary>An append blob has at most 50,000 parts, which is 14 hours at one a second, so a long log is written less often.</summary>
    private const int OftenParts = 5_000;

    /// <summary>A blob's name has at most 1,024 characters, and so has its escaped address.</summary>
    private const int MaxNameLength = 300;

    private readonly LogStore logs;
    private readonly TimeProvider time;
    private readonly IReadOnlyList<string> secrets;
    private readonly Lock gate = new();
    private readonly StringBuilder line = new();
    private readonly ITimer timer;
    private readonly SemaphoreSlim writing = new(1, 1);
    private MemoryStream pending = new();
    private long written;
    private int parts;
    private bool isClosed;

    public TaskLog(LogStore logs, string name, TimeProvider time, IReadOnlyList<string> secrets)
    {
        this.logs = logs;
        Name = name;
        this.time = time;
        this.secrets = secrets;
        timer = time.CreateTimer(_ => _ = FlushQuietlyAsync(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public string Name { get; }

    /// <summary>
    /// Returns the name of an attempt's log: run, task path, attempt and start. A task's name may contain nearly anything, so characters
    /// with a meaning in an address (`..`, `\\`, `?`, `#`, `%`) are escaped as `~XX`.
    /// </summary>
    public static string NameOf(TaskCall call, DateTimeOffset start)
    {
        var name = new StringBuilder(call.RunId);
        foreach (var part in call.Path.Split('/'))
        {
            name.Append('/');
            var isDots = part.All(c => c == '.');
            foreach (var c in part)
            {
                if (c is '\\' or '?' or '#' or '%' or '~' or ':' || (c == '.' && isDots) || char.IsControl(c))
                {
                    name.Append('~').Append(((int)c).ToString("X2", CultureInfo.InvariantCulture));
                }
                else
                {
                    name.Append(c);
                }
            }
        }

        var tail = string.Create(CultureInfo.InvariantCulture, $"/{call.Attempt}-{start:yyyyMMddTHHmmssfff}.log");
        return RunKeys.Bounded(name.ToString(), MaxNameLength) + tail;
    }

    /// <summary>Gets a value that indicates whether a line was written.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Gets the last lines, for the error of a failed command.</summary>
    public string Tail { get; private set; } = "";

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (gate)
        {
            if (isClosed)
            {
                return;
            }

            if (value == '\n')
            {
                EndLine();
            }
            else if (value != '\r')
            {
                line.Append(value);
            }
        }
    }

    public override void Write(string? value)
    {
        foreach (var c in value ?? "")
        {
            Write(c);
        }
    }

    public override void WriteLine(string? value)
    {
        lock (gate)
        {
            Write(value);
            Write('\n');
        }
    }

    /// <summary>Stores pending output.</summary>
    public async Task CloseAsync()
    {
        await timer.DisposeAsync();
        lock (gate)
        {
            if (line.Length > 0)
            {
                EndLine();
            }

            // Output of an abandoned component is discarded.
            isClosed = true;
        }

        await StoreAsync();
    }

    private void EndLine()
    {
        var text = Secrets.Masked(line.ToString(), secrets);
        line.Clear();
        IsUsed = true;
        Tail =
            Tail.Length == 0 ? text
            : Tail.Length > 2000 ? string.Concat(Tail.AsSpan(Tail.Length - 1000), "\n", text)
            : Tail + "\n" + text;
        var stamped = $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text}\n";
        pending.Write(Encoding.UTF8.GetBytes(stamped));
    }

    private async Task FlushQuietlyAsync()
    {
        try
        {
            bool isDue;
            lock (gate)
            {
                isDue = pending.Length > 0 && (parts < OftenParts || pending.Length > 256 * 1024 || pending.Length > parts);
            }

            if (isDue)
            {
                await StoreAsync();
            }
        }
        catch (ServerlessException)
        {
            // Kept: it is written with the next part, and the end of the task reports what remains.
        }
    }

    private async Task StoreAsync()
    {
        await writing.WaitAsync();
        try
        {
            MemoryStream taken;
            lock (gate)
            {
                taken = pending;
                if (taken.Length == 0)
                {
                    return;
                }

                pending = new MemoryStream();
            }

            try
            {
                // A part of an append blob has at most 4 MiB.
                for (var at = 0; at < taken.Length; )
                {
                    var part = taken.GetBuffer().AsMemory(at, (int)Math.Min(4 << 20, taken.Length - at));
                    await logs.AppendAsync(Name, part, written);
                    at += part.Length;
                    written += part.Length;
                    parts++;
                }
            }
            catch (ServerlessException)
            {
                lock (gate)
                {
                    pending.WriteTo(taken);
                    pending = taken;
                }

                throw;
            }
        }
        finally
        {
            writing.Release();
        }
    }
}
