using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;
using Serverless.Training.Learning;
using Serverless.Training.Models;

namespace Serverless.Serving.Onnx;

/// <summary>
/// A model of MLflow's flavor `onnx`. A table is converted as MLflow converts a data frame: all columns as one matrix for a model with
/// one input, or one column per input for a model with several.
/// </summary>
internal sealed class OnnxServedModel : IServedModel
{
    public const string FlavorName = "onnx";

    private readonly InferenceSession session;
    private readonly RunOptions running = new();
    private readonly string[] outputs;

    private OnnxServedModel(InferenceSession session, IReadOnlyList<SignatureColumn> inputs)
    {
        this.session = session;
        Inputs = inputs;
        outputs = [.. session.OutputMetadata.Keys];
        Classes = OnnxScores.ClassesOf(session);
    }

    public string Flavor => FlavorName;

    public IReadOnlyList<SignatureColumn> Inputs { get; }

    public BinaryClasses? Classes { get; }

    public static OnnxServedModel Load(string folder, MlmodelFile file)
    {
        var path = Path.Combine(folder, file.Setting(FlavorName, "data") ?? "model.onnx");
        try
        {
            // Spinning threads would take CPU time from other requests.
            using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            return new OnnxServedModel(new InferenceSession(path, options), ColumnsOf(file.Signature("inputs")));
        }
        catch (Exception e) when (e is OnnxRuntimeException or FormatException or JsonException)
        {
            throw ServerlessException.Invalid(
                $"The ONNX model '{Path.GetFileName(path)}' cannot be loaded: {e.Message.Split('\n')[0]}",
                "Export and register the model again."
            );
        }
        catch (Exception e) when (NativeLibrary.IsMissing(e))
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"ONNX Runtime's native library cannot be loaded here: {e.GetBaseException().Message.Split('\n')[0]}",
                "Build the host for this system: dotnet publish -r <its runtime identifier>.",
                status: 500,
                inner: e
            );
        }
    }

    public ModelOutput Predict(ServingInput input)
    {
        if (input.Rows == 0)
        {
            return new ModelOutput([.. outputs.Select(o => new ServingColumn(Column.FromNumbers(o, []), []))], []);
        }

        var feeds = OnnxFeeds.Of(input, Inputs, session.InputMetadata);
        try
        {
            using var results = session.Run(running, [.. feeds.Keys], [.. feeds.Values], outputs);
            var columns = outputs.Select((name, i) => OnnxOutputs.Read(name, results[i], input.Rows)).ToList();
            return new ModelOutput(columns, OnnxScores.Of(columns, Classes, input.Rows));
        }
        finally
        {
            foreach (var feed in feeds.Values)
            {
                feed.Dispose();
            }
        }
    }

    public void Dispose()
    {
        session.Dispose();
        running.Dispose();
    }

    /// <summary>
    /// Reads named columns. A signature of tensors, or of columns without names, adds nothing to the model's own inputs.
    /// </summary>
    private static IReadOnlyList<SignatureColumn> ColumnsOf(string? signature) =>
        signature is null
        || JsonNode.Parse(signature) is not JsonArray columns
        || columns.Any(c => (string?)c?["type"] == "tensor" || c?["name"] is null)
            ? []
            : SignatureColumn.Read(signature);
}
