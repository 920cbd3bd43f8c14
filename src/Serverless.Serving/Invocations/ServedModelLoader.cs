using System.Globalization;
using Serverless.Core;
using Serverless.Serving.Onnx;
using Serverless.Training.Models;

namespace Serverless.Serving.Invocations;

/// <summary>Fetches a version's folder and loads it with a flavor that this host supports.</summary>
internal sealed class ServedModelLoader(ServingOptions options)
{
    /// <summary>The memory of a loaded model relative to its folder: packed numbers of trees become arrays.</summary>
    private const int MemoryOfFolder = 3;

    public async Task<LoadedModel> LoadAsync(ServedModelKey key, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(options.Folder, Ids.NewId());
        try
        {
            Directory.CreateDirectory(options.Folder);
            await options.Download(key.Version, folder, cancellationToken);
            var bytes = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
            return new LoadedModel(Load(folder, key), (bytes * MemoryOfFolder) + (1 << 20));
        }
        catch (ServerlessException e) when (!e.IsRetryable && e.Status < 500)
        {
            // A broken or missing folder is not a client error.
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"{NameOf(key)} cannot be loaded: {e.Message.Replace(folder, "", StringComparison.Ordinal)}",
                e.Fix,
                status: 500,
                inner: e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServerlessException(
                ErrorCodes.StorageFull,
                $"{NameOf(key)} cannot be written to disk for loading: {e.Message}",
                "Free up disk space.",
                status: 500,
                retryable: true,
                inner: e
            );
        }
        catch (Exception e) when (e is not ServerlessException and not OperationCanceledException and not OutOfMemoryException)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"{NameOf(key)} cannot be loaded: {e.Message}",
                "Register the model again.",
                status: 500,
                inner: e
            );
        }
        finally
        {
            Remove(folder);
        }
    }

    private static IServedModel Load(string folder, ServedModelKey key)
    {
        var file = MlmodelFile.Read(folder);
        return file.Flavors.Contains(ModelManifest.Flavor) ? new MlnetServedModel(StoredModel.Load(folder))
            : file.Flavors.Contains(OnnxServedModel.FlavorName) ? OnnxServedModel.Load(folder, file)
            : throw new ServerlessException(
                ErrorCodes.NotImplemented,
                $"{NameOf(key)} has the flavors {string.Join(", ", file.Flavors.DefaultIfEmpty("(none)"))}. In process, this host "
                    + $"serves {ModelManifest.Flavor} and {OnnxServedModel.FlavorName}.",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Score it in a container job: a stage with its image and `cmd: mlflow models predict -m "
                        + $"models:/{key.Version.Name}/{key.Version.Version} …`. Or convert it to ONNX and register that."
                ),
                status: 501
            );
    }

    private static string NameOf(ServedModelKey key) =>
        string.Create(CultureInfo.InvariantCulture, $"Version {key.Version.Version} of '{key.Version.Name}'");

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A loader still has a file open: the system's cleanup removes the folder.
        }
    }
}
