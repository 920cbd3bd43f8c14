using System.Numerics;
using Serverless.Data.Files;
using Serverless.Data.Values;
using Serverless.Storage.Content;

namespace Serverless.Data.Pointers;

/// <summary>
/// One output or dependency as a pointer or lock file records it. Keys that are not known here stay in <see cref="Source"/>.
/// </summary>
public sealed class OutputEntry
{
    public OutputEntry(DataMap source) => Source = source;

    public DataMap Source { get; }

    /// <summary>As written: relative to the file's working folder, a URL, or absolute.</summary>
    public string Path => Source["path"]?.AsText ?? "";

    /// <summary>The digest in the entry; null if nothing was recorded yet. A folder's ends in `.dir`.</summary>
    public string? Digest => Source["md5"] is { } digest ? PythonText.Str(digest) : null;

    /// <summary>DVC 2 wrote no `hash`.</summary>
    public HashKind Kind => Source["hash"]?.AsText == "md5" ? HashKind.Md5 : HashKind.Md5Dos2Unix;

    public long? Size => Whole("size");

    public int? FileCount => (int?)Whole("nfiles");

    public bool IsExecutable => Source["isexec"]?.AsBool ?? false;

    public bool IsDirectory => Digest?.EndsWith(ContentRef.DirectorySuffix, StringComparison.Ordinal) ?? false;

    /// <summary>`cache: false` leaves the content to git.</summary>
    public bool IsCached => Source["cache"]?.AsBool ?? true;

    public bool Persists => Source["persist"]?.AsBool ?? false;

    /// <summary>`push: false` keeps the content on this machine.</summary>
    public bool IsPushed => Source["push"]?.AsBool ?? true;

    /// <summary>The remote that this output alone uses.</summary>
    public string? Remote => Source["remote"]?.AsText;

    /// <summary>The recorded content; null if nothing was recorded.</summary>
    public ContentRef? Content => Digest is { } digest ? new ContentRef(digest, Size ?? 0, FileCount, IsExecutable) : null;

    /// <summary>The same entry with other content, which is always DVC 3's; keys keep their place, new ones go behind.</summary>
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

    /// <summary>A new entry in the order that DVC gives a pointer's keys.</summary>
    public static OutputEntry New(string path, ContentRef? content) =>
        new(DataValues.Map([.. ContentKeys(content), ("hash", DataScalar.Text("md5")), ("path", DataScalar.Text(path))]));

    /// <summary>A new entry in the order that DVC gives a lock file's keys.</summary>
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
