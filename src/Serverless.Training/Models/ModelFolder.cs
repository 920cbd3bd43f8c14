using System.Text.Json.Nodes;
using Serverless.Core.Columns;

namespace Serverless.Training.Models;

/// <summary>Writes and copies model folders. The content depends only on the model: no time, ID or path.</summary>
internal static class ModelFolder
{
    public static IReadOnlyList<SignatureColumn> OutputsOf(LearningTask task) =>
        task == LearningTask.Binary
            ? [new("label", SignatureType.String), new("score", SignatureType.Double)]
            : [new("prediction", SignatureType.Double)];

    public static void Write(string directory, ModelManifest manifest, ColumnFrame example, Action<Stream> saveModel)
    {
        Directory.CreateDirectory(directory);
        using (var raw = new MemoryStream())
        {
            saveModel(raw);
            raw.Position = 0;
            using var zip = File.Create(Path.Combine(directory, ModelManifest.ModelFile));
            DeterministicZip.Rewrite(raw, zip);
        }

        var split = Split(example);
        WriteText(directory, ModelManifest.InputExampleFile, split.ToJsonString(ModelJson.Compact));
        WriteText(
            directory,
            ModelManifest.ServingExampleFile,
            new JsonObject { ["dataframe_split"] = split }.ToJsonString(ModelJson.Indented)
        );
        WriteText(directory, ModelManifest.FileName, ModelManifestFile.Write(manifest));
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            File.Copy(file, target, overwrite: true);
            // An artifact from the store may be a read-only file. A component must write its own file.
            new FileInfo(target).IsReadOnly = false;
        }
    }

    public static void WriteText(string directory, string name, string text) =>
        File.WriteAllText(Path.Combine(directory, name), text.EndsWith('\n') ? text : text + "\n");

    /// <summary>pandas' `split` format, in which MLflow stores input examples and its scoring server accepts input.</summary>
    private static JsonObject Split(ColumnFrame frame) =>
        new()
        {
            ["columns"] = new JsonArray([.. frame.Columns.Select(c => (JsonNode)c.Name)]),
            ["data"] = new JsonArray([
                .. Enumerable
                    .Range(0, frame.RowCount)
                    .Select(row => (JsonNode)new JsonArray([.. frame.Columns.Select(c => Value(c, row))])),
            ]),
        };

    private static JsonNode? Value(Column column, int row) =>
        column.IsNull(row)
            ? null
            : column.Type switch
            {
                ColumnType.Integer => column.GetInteger(row),
                ColumnType.Boolean => column.GetNumber(row) != 0,
                ColumnType.Text => column.GetText(row),
                _ => column.GetNumber(row),
            };
}
