using System.Security.Cryptography;
using System.Text;
using Serverless.Data.Values;

namespace Serverless.Data.Pointers;

/// <summary>
/// Computes the `md5` at the top of a pointer with dependencies: the digest of its content, excluding what does not affect the data.
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

    /// <summary>Returns the document with its digest. A new one is the first key, as in DVC.</summary>
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
