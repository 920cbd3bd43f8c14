using System.Security.Cryptography;
using System.Text;
using Serverless.Data.Values;

namespace Serverless.Data.Pointers;

/// <summary>
/// The `md5` at the top of a pointer that has dependencies: the digest of what it says, less what does not change the data.
/// </summary>
public static class PointerDigest
{
    private static readonly HashSet<string> Everywhere =
    [
        "desc",
        "type",
        "labels",
        "meta",
        "locked",
        "frozen",
        "metric",
        "persist",
        "isexec",
        "size",
        "nfiles",
    ];

    public static string Of(DataMap document)
    {
        var top = document.With("md5", null).With("meta", null).With("desc", null);
        top = top["wdir"]?.AsText is null or "." ? top.With("wdir", null) : top;
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(PythonJson.Dump(Stripped(top), sortKeys: true))));
    }

    /// <summary>The document with its digest; a new one goes first, where DVC has it.</summary>
    public static DataMap Renew(DataMap document) =>
        document["md5"] is null
            ? new DataMap([new DataEntry(DataScalar.Text("md5"), DataScalar.Text(Of(document))), .. document.Entries], document.Line)
            : document.With("md5", DataScalar.Text(Of(document)));

    private static DataNode Stripped(DataNode node) =>
        node switch
        {
            DataMap map => new DataMap([
                .. map
                    .Entries.Where(e => e.Key.AsText is not { } key || !Everywhere.Contains(key))
                    .Select(e => new DataEntry(e.Key, Stripped(e.Value))),
            ]),
            DataList list => new DataList([.. list.Items.Select(Stripped)]),
            _ => node,
        };
}
