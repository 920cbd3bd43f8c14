using System.Globalization;
using Serverless.Data.Remotes;

namespace Serverless.Local.Commands.Data;

/// <summary>The progress of a transfer, on one line of a terminal. Nothing if the output is a file or a pipe.</summary>
internal sealed class ProgressLine : IProgress<TransferProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly Lock gate = new();
    private long last;

    public static ProgressLine? OfTerminal() => Console.IsErrorRedirected ? null : new ProgressLine();

    public void Report(TransferProgress value)
    {
        lock (gate)
        {
            if (value.Done < value.Total && TimeProvider.System.GetElapsedTime(last) < Pause)
            {
                return;
            }

            last = TimeProvider.System.GetTimestamp();
            Console.Error.Write(
                string.Create(CultureInfo.InvariantCulture, $"\r{value.Done}/{value.Total} files, {value.Bytes / 1048576.0:F1} MiB ")
            );
            if (value.Done == value.Total)
            {
                Console.Error.Write("\r                                        \r");
            }
        }
    }
}
