using Serverless;
using Serverless.Columns;
using Serverless.Samples.Churn;

// Makes the sample's later months out of its real customers: dotnet run --project samples/churn/months
// Every draw is of StableRandom, so the files come out the same, byte for byte, on every machine.
var folder = args.Length > 0 ? args[0] : Path.Combine("samples", "churn");
var all = new Customers(await ColumnReader.ReadAsync(Path.Combine(folder, "data", "telco-churn.csv")));
const int Rows = 3000;

// Other customers, and other reasons to leave: a champion that learned the first quarter does worse, one that learns this month does
// better.
await WriteAsync("month-2.csv", all.Draw(Rows, seed: 2, Customers.NewTariff, Customers.NewReasons));

// The customers of the first quarter once more.
await WriteAsync("month-3.csv", all.Draw(Rows, seed: 3));

// Other customers again, and the answers dealt out among them: there is nothing to learn.
await WriteAsync("month-4.csv", all.Draw(Rows, seed: 4, Customers.NewTariff).ShuffleLabels(seed: 40));

// A join went wrong: those with fiber optic got the opposite answer. The month agrees with itself, but not with the world.
await WriteAsync("month-5.csv", all.Draw(Rows, seed: 5, Customers.NewTariff, Customers.NewReasons).SwapLabels(Customers.HasFiber));

// Who really asks from month 2 on, and what really became of them.
await WriteAsync("traffic.csv", all.Draw(1500, seed: 6, Customers.NewTariff, Customers.NewReasons));

async Task WriteAsync(string name, Customers customers)
{
    await CsvColumnWriter.WriteAsync(customers.Frame, Path.Combine(folder, name));
    Console.WriteLine($"{name}: {customers.Frame.RowCount} rows, {customers.Leaving:P1} leave");
}
