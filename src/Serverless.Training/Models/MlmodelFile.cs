using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Data.Yaml;

namespace Serverless.Training.Models;

/// <summary>The file `MLmodel` of a model folder: its flavors and signature.</summary>
public sealed class MlmodelFile
{
    private readonly DataNode root;

    private MlmodelFile(DataNode root) => this.root = root;

    /// <summary>The flavors that can load the model, by MLflow's names: `mlnet`, `onnx`, `sklearn`, `python_function`.</summary>
    public IReadOnlyList<string> Flavors => Child(root, "flavors") is DataMap flavors ? [.. flavors.TextKeys] : [];

    /// <summary>A part of the signature, which is JSON: `inputs`, `outputs` or `params`.</summary>
    public string? Signature(string part) => Text(Child(root, "signature"), part) is { Length: > 0 } text && text != "null" ? text : null;

    /// <summary>A setting of a flavor.</summary>
    public string? Setting(string flavor, string key) => Text(Child(Child(root, "flavors"), flavor), key);

    public static MlmodelFile Read(string directory)
    {
        var path = Path.Combine(directory, ModelManifest.FileName);
        return File.Exists(path)
            ? Read(path, root => new MlmodelFile(root))
            : throw ServerlessException.NotFound(
                $"'{directory}' is not a model folder: it has no file '{ModelManifest.FileName}'.",
                "Give the folder that a train component wrote as `model`."
            );
    }

    /// <summary>Reads it; plain values are texts as they stand.</summary>
    public static T Read<T>(string path, Func<DataNode, T> read) =>
        Guard(
            path,
            () =>
                YamlReader.ParseTexts(TextOf(path), ModelManifest.FileName) is { IsNull: false } root
                    ? read(root)
                    : throw new FormatException("it is empty")
        );

    /// <summary>The same with the types that plain values have.</summary>
    public static DataNode ReadTyped(string path) => Guard(path, () => YamlReader.Parse(TextOf(path), ModelManifest.FileName));

    public static DataNode? Child(DataNode? node, string key) => (node as DataMap)?[key];

    public static string? Text(DataNode? node, string key) => Child(node, key)?.AsText;

    private static string TextOf(string path) => TextFile.Read(path, ModelManifest.FileName);

    private static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e)
            when (e
                    is ServerlessException { Status: 400 }
                        or FormatException
                        or System.Text.Json.JsonException
                        or InvalidOperationException
                        or OverflowException
            )
        {
            throw ServerlessException.Invalid(
                $"The model's '{path}' cannot be read: {e.Message.TrimEnd('.')}.",
                "Train the model again, or register a model in MLflow's layout."
            );
        }
    }
}
