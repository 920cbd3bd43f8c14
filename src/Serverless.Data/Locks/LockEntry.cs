using System.Globalization;
using System.Numerics;

namespace Serverless.Data;

/// <summary>A dependency or an output as dvc.lock records it.</summary>
/// <param name="Path">As the stage names it: from its working directory, with `/`.</param>
public sealed record LockEntry(string Path)
{
    private static readonly string[] Known = ["path", "hash", "md5", "size", "nfiles", "isexec"];

    /// <summary>`md5`; null for an object of DVC 2, whose md5 is that of the text with Unix line ends.</summary>
    public string? Hash { get; init; }

    /// <summary>Null if nothing is recorded. A folder's ends with `.dir`.</summary>
    public string? Md5 { get; init; }

    public long? Size { get; init; }

    public long? Files { get; init; }

    public bool IsExecutable { get; init; }

    /// <summary>What else stands there (`cloud`, `files`, …), as it stands.</summary>
    public IReadOnlyList<DataEntry> Others { get; init; } = [];

    public bool IsLegacy => Hash is null;

    public bool IsFolder => Md5?.EndsWith(".dir", StringComparison.Ordinal) == true;

    public static LockEntry From(DataMap map) => new(map["path"]?.AsText ?? "")
    {
        Hash = map["hash"]?.AsText,
        Md5 = map["md5"]?.AsText,
        Size = Number(map["size"]),
        Files = Number(map["nfiles"]),
        IsExecutable = map["isexec"]?.AsBool == true,
        Others = [.. map.Entries.Where(e => !Known.Contains(e.Key.AsText))],
    };

    /// <summary>The keys in DVC's order.</summary>
    public DataMap ToData() => new([.. Entries()]);

    /// <summary>Same content, whatever is known of its size.</summary>
    public bool IsSameContent(LockEntry other) => Md5 == other.Md5 && IsLegacy == other.IsLegacy;

    private static long? Number(DataNode? node) => node is DataScalar { Value: BigInteger value } && value >= 0 && value <= long.MaxValue ? (long)value : null;

    private static DataEntry Entry(string key, DataNode value) => new(DataScalar.Text(key), value);

    private IEnumerable<DataEntry> Entries()
    {
        yield return Entry("path", DataScalar.Text(Path));
        if (Hash is not null)
        {
            yield return Entry("hash", DataScalar.Text(Hash));
        }

        if (Md5 is not null)
        {
            yield return Entry("md5", DataScalar.Text(Md5));
        }

        if (Size is { } size)
        {
            yield return Entry("size", DataScalar.Int(size));
        }

        if (Files is { } files)
        {
            yield return Entry("nfiles", DataScalar.Int(files));
        }

        if (IsExecutable)
        {
            yield return Entry("isexec", DataScalar.Bool(true));
        }

        foreach (var other in Others)
        {
            yield return other;
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Path} {Md5}");
}
