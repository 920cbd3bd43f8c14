using System.Text;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Repro;

/// <summary>The last output of a stage's command, in `.dvc/tmp/repro`, which is never committed.</summary>
internal sealed class StageLog : IAsyncDisposable
{
    private readonly StreamWriter? writer;
    private readonly Lock turn = new();

    public StageLog(string root, RepoStage stage)
    {
        var folder = Path.Combine(root, ".dvc", "tmp", "repro");
        var name = string.Concat(
            StagePaths
                .Relative(root, stage.File + ":" + stage.Name)
                .Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '@' ? c : '_')
        );
        try
        {
            Directory.CreateDirectory(folder);
            writer = new StreamWriter(
                Path.Combine(folder, name + ".log"),
                append: false,
                new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
            )
            {
                AutoFlush = true,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A log that cannot be written does not stop the stage.
        }
    }

    public void Write(string line)
    {
        lock (turn)
        {
            try
            {
                writer?.WriteLine(line);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // A full disk shows where it matters: in the stage's outputs.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (writer is not null)
        {
            await writer.DisposeAsync();
        }
    }
}
