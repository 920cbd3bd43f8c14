using System.IO.Compression;

namespace Serverless.Core.Columns;

/// <summary>The content that columns are read from, which can be opened more than once, and its name for errors.</summary>
internal sealed class ColumnSource
{
    private readonly Func<Stream> _open;

    private ColumnSource(string name, Func<Stream> open)
    {
        Name = name;
        _open = open;
    }

    public string Name { get; }

    public static ColumnSource FromFile(string path)
    {
        var isCompressed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        return new ColumnSource(
            path,
            () =>
            {
                var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
                return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
            }
        );
    }

    public static async Task<ColumnSource> FromStreamAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        if (!stream.CanSeek)
        {
            var copy = new MemoryStream();
            await stream.CopyToAsync(copy, cancellationToken);
            stream = copy;
            stream.Position = 0;
        }

        var start = stream.Position;
        return new ColumnSource(name, () => new KeptOpenStream(stream, start));
    }

    public Stream Open()
    {
        try
        {
            return _open();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                $"{Name}: the file does not exist.",
                "Check the path, and make sure that the task that writes the file runs before the one that reads it.",
                inner: error
            );
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidParameterValue,
                Directory.Exists(Name) ? $"{Name}: is a folder, not a file." : $"{Name}: access denied.",
                Directory.Exists(Name) ? "Name one file in it." : "Grant this user read permission.",
                inner: error
            );
        }
    }

    /// <summary>Returns the error for invalid content.</summary>
    public ServerlessException Invalid(string message, string fix, int line = 0, Exception? inner = null) =>
        Invalid([new Diagnostic(Name, line, message, fix)], inner: inner);

    /// <summary>Returns the error for several findings: the first is its message, all are its diagnostics.</summary>
    public ServerlessException Invalid(IReadOnlyList<Diagnostic> findings, int count = 0, Exception? inner = null)
    {
        var first = findings[0];
        var more = Math.Max(count, findings.Count) - 1;
        return new ServerlessException(
            ErrorCodes.ValidationFailed,
            (first with { Fix = null }) + (more > 0 ? $" ({more} more like this.)" : ""),
            first.Fix,
            diagnostics: findings,
            inner: inner
        );
    }
}
