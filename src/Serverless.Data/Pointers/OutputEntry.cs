using System.Numerics;
using Serverless.Data.Files;
using Serverless.Data.Values;
using Serverless.Storage.Content;

namespace Serverless.Data.Pointers;

/// <summary>An output or dependency as a pointer or lock file records it. Unknown keys are kept in <see cref="Source"/>.</summary>
public sealed class OutputEntry
{
    public OutputEntry(DataMap source) => Source = source;

    public DataMap Source { get; }

    /// <summary>Gets the path as written: relative to the file's working folder, a URL, or absolute.</summary>
    public string Path => Source["path"]?.AsText ?? "";

    /// <summary>Gets the digest of the entry, or null if nothing was recorded yet. A folder's ends in `.dir`.</summary>
    public string? Digest => Source["md5"] is { } digest ? PythonText.Str(digest) : null;

    /// <summary>Gets how the digest was computed. DVC 2 wrote no `hash`.</summary>
    public HashKind Kind => Source["hash"]?.AsText == "md5" ? HashKind.Md5 : HashKind.Md5Dos2Unix;

    public long? Size => Whole("size");

    public int? FileCount => (int?)Whole("nfiles");

    public bool IsExecutable => Source["isexec"]?.AsBool ?? false;

    public bool IsDirectory => Digest?.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal) ?? false;

    /// <summary>Gets a value that indicates whether the content is cached; `cache: false` leaves it to git.</summary>
    public bool IsCached => Source["cache"]?.AsBool ?? true;

    public bool Persists => Source["persist"]?.AsBool ?? false;

    /// <summary>Gets a value that indicates whether the content is pushed; `push: false` keeps it on this machine.</summary>
    public bool IsPushed => Source["push"]?.AsBool ?? true;

    /// <summary>Gets the remote of this output, if it has its own.</summary>
    public string? Remote => Source["remote"]?.AsText;

    /// <summary>Gets the recorded content, or null.</summary>
    public ContentRef? Content => Digest is { } digest ? new ContentRef(digest, Size ?? 0, FileCount, IsExecutable) : null;

    /// <summary>Returns the entry with other content, always in DVC 3's format. Keys keep their position; new ones are appended.</summary>
    public OutputEntry With(ContentRef content) =>
        Digest is null
            ? First(content)
            : new(
                Source
                    .With("md5", DataScalar.Text(content.Digest))
                    .With("size", DataScalar.Int(content.Size))
                    .With("nfiles", content.FileCount is { } count ? DataScalar.Int(count) : null)
                    .With("isexec", content.IsExecutable ? DataScalar.Bool(true) : null)
                    .With("hash", DataScalar.Text("md5"))
            );

    private OutputEntry First(ContentRef content) =>
        new(
            new DataMap([
                .. DataValues.Map(ContentKeys(content)).Entries,
                .. Source
                    .With("hash", DataScalar.Text("md5"))
                    .Entries.Where(e => e.Key.AsText is not ("md5" or "size" or "nfiles" or "isexec")),
            ])
        );

    /// <summary>Creates an entry with the key order of a DVC pointer.</summary>
    public static OutputEntry New(string path, ContentRef? content) =>
        new(DataValues.Map([.. ContentKeys(content), ("hash", DataScalar.Text("md5")), ("path", DataScalar.Text(path))]));

    /// <summary>Creates an entry with the key order of a DVC lock file.</summary>
    public static OutputEntry NewLocked(string path, ContentRef? content) =>
        new(DataValues.Map([("path", DataScalar.Text(path)), ("hash", DataScalar.Text("md5")), .. ContentKeys(content)]));

    private static IEnumerable<(string Key, DataNode? Value)> ContentKeys(ContentRef? content) =>
        content is null
            ? []
            :
            [
                ("md5", DataScalar.Text(content.Digest)),
                ("size", DataScalar.Int(content.Size)),
                ("nfiles", content.FileCount is { } count ? DataScalar.Int(count) : null),
                ("isexec", content.IsExecutable ? DataScalar.Bool(true) : null),
            ];

    private long? Whole(string key) =>
        Source[key] is DataScalar { Value: BigInteger value } && value >= 0 && value <= long.MaxValue ? (long)value : null;
}
