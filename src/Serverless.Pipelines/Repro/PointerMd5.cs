using System.Security.Cryptography;
using System.Text;
using Serverless.Data;
using Serverless.Pipelines.Projects;

namespace Serverless.Pipelines.Repro;

/// <summary>The md5 that an import's .dvc file has of itself: DVC sees by it that somebody edited the file.</summary>
/// <remarks>md5 of `json.dumps(document, sort_keys=True)` without what does not change the data.</remarks>
internal static class PointerMd5
{
    private static readonly string[] TopLevel = ["md5", "meta", "desc"];
    private static readonly string[] Everywhere = ["desc", "type", "labels", "meta", "locked", "frozen", "metric", "persist", "isexec", "size", "nfiles"];

    /// <summary>False for data that was added: its file has no md5 of itself.</summary>
    public static bool IsChanged(RepoStage stage) => stage.Pointer is { } pointer && (stage.IsImport || stage.Command is not null) && pointer["md5"]?.AsText != Of(pointer);

    public static string Of(DataMap pointer)
    {
        var entries = pointer.Entries.Where(e => !TopLevel.Contains(e.Key.AsText) && !(e.Key.AsText == "wdir" && e.Value.AsText == "."));
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(PythonJson.Dump(Without(new DataMap([.. entries])), sortKeys: true))));
    }

    private static DataNode Without(DataNode node) => node switch
    {
        DataMap map => new DataMap([.. map.Entries.Where(e => !Everywhere.Contains(e.Key.AsText)).Select(e => e with { Value = Without(e.Value) })]),
        DataList list => new DataList([.. list.Items.Select(Without)]),
        _ => node,
    };
}
