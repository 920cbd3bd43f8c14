using System.Security.Cryptography;
using System.Text;
using Serverless.Data.Values;

namespace Serverless.Data.Locks;

/// <summary>Computes the names of a run in the run cache: the inputs are the key, the inputs with the outputs the value.</summary>
/// <remarks>DVC: sha256 of `json.dumps(entry, sort_keys=True)` without `size` and `nfiles`, wherever those stand.</remarks>
public static class RunCacheKey
{
    private static readonly string[] LeftOut = ["size", "nfiles"];

    public static string Key(StageLock run)
    {
        var data = run.ToData();
        var outs = new DataList([.. ((data["outs"] as DataList)?.Items ?? []).OfType<DataMap>().Select(o => o["path"]!)]);
        return Digest(new DataMap([.. data.Entries.Where(e => e.Key.AsText != "outs"), new DataEntry(DataScalar.Text("outs"), outs)]));
    }

    public static string Value(StageLock run) => Digest(run.ToData());

    internal static string Json(DataNode node) => PythonJson.Dump(Without(node), sortKeys: true);

    private static string Digest(DataNode node) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json(node))));

    private static DataNode Without(DataNode node) =>
        node switch
        {
            DataMap map => new DataMap([
                .. map.Entries.Where(e => !LeftOut.Contains(e.Key.AsText)).Select(e => e with { Value = Without(e.Value) }),
            ]),
            DataList list => new DataList([.. list.Items.Select(Without)], list.Line, list.Kind),
            _ => node,
        };
}
